package tree

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

func rulebook(t testing.TB, src string) platform.Rulebook {
	t.Helper()
	var b platform.Rulebook
	if err := yaml.UnmarshalWithOptions([]byte(src), &b, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return b
}

// outline writes a tree as indented lines.
func outline(t *Tree) string {
	var b strings.Builder
	var walk func(n *Node, depth int)
	walk = func(n *Node, depth int) {
		for _, c := range n.Children {
			b.WriteString(strings.Repeat(" ", depth) + c.Text)
			if c.Kind == Blob {
				b.WriteString(" <<" + strings.ReplaceAll(c.Value, "\n", "|") + ">>")
			}
			if c.Kind == Unknown {
				b.WriteString(" (unknown)")
			}
			b.WriteByte('\n')
			walk(c, depth+1)
		}
	}
	walk(t.Root, 0)
	return b.String()
}

const indentBook = `
syntax: {family: indent, comment: ['^\s*!'], closers: [exit, exit-family], end: '^end$', negate: "no ", attach: ['^address-family']}
blobs:
  - {name: banner, start: '^banner (?P<key>\S+) (?P<d>\^C|\S)', end: same-delimiter, same_line: true}
  - {name: cert, at: "chain *", start: '^\s*certificate ', end: '^\s*quit$'}
canon: {alias: {Gi: GigabitEthernet}}
nodes:
  - {at: "interface * / description ~"}
  - {at: "interface * / vlans ~", list: {ranges: "-", sep: ",", add: add, remove: remove}}
  - {at: "access-list * ~", flat: list}
`

func TestTextsOfEveryFamilyBecomeTrees(t *testing.T) {
	tests := map[string]struct{ book, text, want string }{
		"indent-nests-by-width": {indentBook, "interface e1\n  description a  b\n  ip x\nntp server a\n", "interface e1\n description a b\n ip x\nntp server a\n"},
		"indent-uneven":         {indentBook, "a\n    b\n  c\n   d\ne\n", "a\n b\n c\n  d\ne\n"},
		"indent-tabs":           {indentBook, "a\n\tb\n        c\nd\n", "a\n b\n c\nd\n"},
		"indent-starts-deep":    {indentBook, "  key 1\nb\n", "key 1\nb\n"},
		"indent-closers":        {indentBook, "a\n b\n  c\n exit-family\n d\nexit\ne\n", "a\n b\n  c\n d\ne\n"},
		"indent-after-the-end":  {indentBook, "a\nend\nb\n", "a\nb (unknown)\n"},
		"indent-attached":       {indentBook, "router bgp 1\n x\naddress-family a\n  y\nb\n", "router bgp 1\n x\n address-family a\n  y\nb\n"},
		"indent-merged-blocks":  {indentBook, "router bgp 1\n a\nx\nrouter bgp 1\n b\n", "router bgp 1\n a\n b\nx\n"},
		"indent-alias":          {indentBook, "interface Gi0/1\n description Gi0/2\n", "interface GigabitEthernet0/1\n description Gi0/2\n"},
		"banner-over-lines":     {indentBook, "banner motd ^C\n interface e1\n!\n^C\nb\n", "banner motd << interface e1|!>>\nb\n"},
		"banner-on-one-line":    {indentBook, "banner motd #hello#\nb\n", "banner motd <<hello>>\nb\n"},
		"banner-without-end":    {indentBook, "banner motd #hello\nb\n", "banner motd #hello\nb\n"},
		"certificate":           {indentBook, "chain a\n certificate 01\n  30 31\n  \tquit\nb\n", "chain a\n certificate 01 <<30 31>>\nb\n"},
		"key-block":             {indentBook, "a\n-----BEGIN X-----\nabc\n-----END X-----\nb\n", "a\n-----BEGIN X----- <<abc>>\nb\n"},
		"brace":                 {"syntax: {family: brace}", "a {\n  b c; /* x { */\n  d { e \"f }\"; }\n  inactive: g [ h i ];\n}\n", "a\n b\n  c\n d\n  e\n   f }\n g\n  h\n  i\n"},
		"brace-without-ends":    {"syntax: {family: brace}", "ltm pool /C/a {\n  m { a:80 { } }\n  n none\n}\nltm pool /C/b { }\n", "ltm\n pool\n  /C/a\n   m\n    a:80\n   n\n    none\n  /C/b\n"},
		"brace-too-many":        {"syntax: {family: brace}", "a { b; }\n}\n", "a\n b\n} (unknown)\n"},
		"path-of-verbs":         {"syntax: {family: path}", "set a b 'c d'\nset a b e\ndeactivate a\n", "a\n b\n  c d\n  e\n"},
		"path-foreign-line":     {"syntax: {family: path}", "set a b\nset a c\n> x\n", "a\n b\n c\n> x (unknown)\n"},
		"context":               {"syntax: {family: path, context: /}", "/ip address\nadd interface=e1 address=1 \\\n    comment=\"a b\"\n/ip route add gw=1\n", "/ip address\n add address=1 \"comment=a b\" interface=e1\n/ip route\n add gw=1\n"},
		"edit":                  {"syntax: {family: edit}", "config a b\n  edit \"x y\"\n    set c d e\n    set t \"line\nend\nnext\"\n  next\nend\nconfig z\nend\n", "config a b\n edit \"x y\"\n  set c d e\n  set t \"line\nend\nnext\"\nconfig z\n"},
		"json":                  {"syntax: {family: structured}", "{\"a\": {\"b\": 1, \"c\": [\"x\", {\"d\": null}]}}", "a\n b 1\n c\n  - x\n  -\n   d null\n"},
		"json-broken":           {"syntax: {family: structured}", "{\"a\": {\"b\": 1,\n", "{\"a\": {\"b\": 1,\n"},
		"xml":                   {"syntax: {family: structured}", "<a><!-- x --><b k=\"1\">t &amp; u</b><c/></a>\n", "a\n b k=1 \"t & u\"\n c\n"},
		"xml-broken":            {"syntax: {family: structured}", "<a><b></a>\n", "<a><b></a>\n"},
		"key-value":             {"syntax: {family: structured, format: keyvalue}", "a.1.b=c\n# x\nd = e\n", "a.1.b=c\nd = e\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tr := Parse([]byte(tc.text), rulebook(t, tc.book))
			got := outline(tr)
			if got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
			if !bytes.Equal(tr.Render(), []byte(tc.text)) {
				t.Errorf("rendered %q", tr.Render())
			}
		})
	}
}

func TestATruncatedTextShowsOpenBlocks(t *testing.T) {
	tests := map[string]struct {
		book, text string
		want       int
	}{
		"edit":       {"syntax: {family: edit}", "config a\n edit 1\n  set b c\n", 2},
		"edit-whole": {"syntax: {family: edit}", "config a\n edit 1\n next\nend\n", 0},
		"brace":      {"syntax: {family: brace}", "a {\n b {\n", 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Parse([]byte(tc.text), rulebook(t, tc.book)).OpenBlocks; got != tc.want {
				t.Errorf("%d open blocks, want %d", got, tc.want)
			}
		})
	}
}

func TestALineKnowsItsHeaders(t *testing.T) {
	tests := map[string]struct {
		book, text string
		line       int
		want       string
	}{
		"indent":   {indentBook, "router bgp 1\n address-family x\n  neighbor a\n", 3, "router bgp 1/address-family x"},
		"brace":    {"syntax: {family: brace}", "system {\n  login {\n    user a;\n  }\n}\n", 3, "system/login"},
		"edit":     {"syntax: {family: edit}", "config a\n edit 1\n  set b c\n next\nend\n", 3, "config a/edit 1"},
		"context":  {"syntax: {family: path, context: /}", "/ip address\nadd a=1\n", 2, "/ip address"},
		"xml":      {"syntax: {family: structured}", "<a>\n <b>\n  <c/>\n </b>\n</a>\n", 3, "<a>/<b>"},
		"outside":  {indentBook, "a\n", 9, ""},
		"top-line": {indentBook, "a\nb\n", 2, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(Parse([]byte(tc.text), rulebook(t, tc.book)).SectionAt(tc.line), "/"); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestFindGoesThroughBlocksAndStatements(t *testing.T) {
	tests := map[string]struct {
		book, text, pattern string
		want                []int
	}{
		"top":       {indentBook, "ntp server a\nntp server b\n", "ntp server *", []int{1, 2}},
		"in-blocks": {indentBook, "interface e1\n ip x\ninterface e2\n ip y\n", "interface * / ip ?", []int{2, 4}},
		"any-depth": {indentBook, "a\n b\n  password x\npassword y\n", "** / password ?", []int{3, 4}},
		"brace":     {"syntax: {family: brace}", "system {\n services {\n  ssh {\n   root-login deny;\n  }\n }\n}\n", "system services ssh root-login ?", []int{4}},
		"set":       {"syntax: {family: path}", "set system host-name a\nset system services ssh\n", "system / services / ssh", []int{2}},
		"broken":    {indentBook, "a\n", "(a", nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, n := range Parse([]byte(tc.text), rulebook(t, tc.book)).Find(tc.pattern) {
				got = append(got, n.From)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("lines %v, want %v", got, tc.want)
			}
		})
	}
}

func TestListLinesBecomeOneSet(t *testing.T) {
	text := "interface e1\n vlans 1-5,9\n vlans add 6-8\n vlans remove 2\n"
	n := Parse([]byte(text), rulebook(t, indentBook)).Root.Children[0].Children
	if len(n) != 1 || n[0].Value != "1,3-9" {
		t.Errorf("got %d nodes, value %q", len(n), n[0].Value)
	}
}

func FuzzParse(f *testing.F) {
	seeds := []string{"a\n b\nc\n", "a { b; c [ d e ] }", "set a b\n", "config a\n edit 1\nnext\nend\n", "/ip a\nadd b=c \\\n d\n", `{"a":[1,{"b":"c"}]}`, "<a><b c='d'>e</b></a>", "banner motd #x\r\n#\r\n", "a=b\n"}
	books := make([]*Book, 0, 8)
	for _, src := range []string{indentBook, "syntax: {family: brace}", "syntax: {family: path}", "syntax: {family: path, context: /, continuation: '\\'}", "syntax: {family: edit}", "syntax: {family: structured}", "syntax: {family: structured, format: keyvalue}", "{}"} {
		books = append(books, NewBook(rulebook(f, src)))
	}
	for _, s := range seeds {
		for i := range books {
			f.Add(uint8(i), []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		b := books[int(which)%len(books)]
		tr := b.Parse(text)
		if !bytes.Equal(tr.Render(), text) {
			t.Fatalf("rendered %q", tr.Render())
		}
		if tr.UnknownLines > tr.Lines {
			t.Fatalf("%d of %d lines unknown", tr.UnknownLines, tr.Lines)
		}
		if outline(b.Parse(text)) != outline(tr) {
			t.Fatal("two readings differ")
		}
		var walk func(n *Node)
		walk = func(n *Node) {
			for _, c := range n.Children {
				if c.From < 1 || c.To < c.From || c.To > max(tr.Lines, 1) {
					t.Fatalf("%q stands on lines %d to %d of %d", c.Text, c.From, c.To, tr.Lines)
				}
				walk(c)
			}
		}
		walk(tr.Root)
		for i := range tr.Lines {
			tr.SectionAt(i + 1)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	texts := map[string]struct{ id, text string }{
		"indent":  {"cisco_ios", strings.Repeat("interface GigabitEthernet1/0/1\n description uplink to the closet\n switchport access vlan 10\n switchport mode access\n spanning-tree portfast\n!\n", 4000)},
		"brace":   {"juniper_junos", strings.Repeat("interfaces {\n    ge-0/0/1 {\n        description \"to the closet\";\n        unit 0 {\n            family inet {\n                address 192.0.2.1/24;\n            }\n        }\n    }\n}\n", 2000)},
		"edit":    {"fortinet_fortios", strings.Repeat("config firewall address\n    edit \"a\"\n        set subnet 192.0.2.0 255.255.255.0\n        set comment \"of the closet\"\n    next\nend\n", 4000)},
		"context": {"mikrotik_routeros", "/ip firewall filter\n" + strings.Repeat("add action=accept chain=input comment=\"from the closet\" protocol=tcp dst-port=22\n", 6000)},
		"set":     {"vyos", strings.Repeat("set interfaces ethernet eth1 address '192.0.2.1/24'\nset service ssh port '22'\n", 6000)},
	}
	for name, tc := range texts {
		p, ok, err := platform.BuiltinOne(netdev.PlatformID(tc.id))
		if err != nil || !ok {
			b.Fatal(tc.id, err)
		}
		book := NewBook(p.Config)
		text := []byte(tc.text)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				book.Parse(text)
			}
		})
	}
}
