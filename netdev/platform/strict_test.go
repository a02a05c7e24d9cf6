package platform

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestAFaultyFileIsRefusedWithItsPlace(t *testing.T) {
	head := "id: x_y\ntitle: X\nvendor: x\n"
	tests := map[string]struct{ file, want string }{
		"unknown-key":         {head + "colour: red\n", "x_y.yaml:4: "},
		"unknown-key-inside":  {head + "prompt:\n  match: 'x>$'\n  colour: red\n", "x_y.yaml:"},
		"bad-expression":      {head + "prompt: {match: '(x$'}\n", "missing closing )"},
		"id-is-not-the-file":  {"id: other\ntitle: X\nvendor: x\n", "is not the name of the file"},
		"prompt-without-end":  {head + "prompt: {match: 'x>'}\n", "does not end with $"},
		"empty-match":         {head + "pager: {match: ' *$', send: space}\n", "matches the empty text"},
		"writes":              {head + "read: {running: ['write terminal']}\n", "changes devices"},
		"setup-without-word":  {head + "session: {open: [{send: set x, session_only: true}]}\n", "needs a because"},
		"unknown-parent":      {head + "extends: nobody\n", "there is no platform nobody"},
		"unreachable-state":   {head + "prompt: {match: 'x>$', states: {exec: '>$'}}\nprivilege: {want: enable}\n", "is no state"},
		"fact-without-group":  {head + "facts: {version: [{from: sysdescr, match: 'V.*'}]}\n", "lacks a capture group"},
		"secret-without-name": {head + "config: {secrets: [{re: 'key (x)'}]}\n", "names no group"},
		"access-point-word":   {head + "access_points: [{table: 1.3.6, columns: {mac: 1, colour: 2}}]\n", "\"colour\" is not one of"},
		"access-point-column": {head + "access_points: [{table: 1.3.6, columns: {mac: one}}]\n", "neither a column's number nor an OID"},
		"access-point-index":  {head + "access_points: [{table: 1.3.6, index: [hop], columns: {mac: 1}}]\n", "neither skip nor one of"},
		"access-point-nobody": {head + "access_points: [{table: 1.3.6, columns: {name: 1}}]\n", "nothing tells one access point from another"},
		"reason-of-nobody":    {head + "errors: [{match: 'x', reason: sad}]\n", "no reason of the closed list"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"x_y.yaml": {Data: []byte(tc.file)}})
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "x_y.yaml") {
				t.Errorf("error = %v, want x_y.yaml … %q", err, tc.want)
			}
		})
	}
}

func TestAChildJoinsListsAndReplacesTheRest(t *testing.T) {
	parent := "id: a_a\ntitle: A\nvendor: a\nread: {running: [show one]}\nwalk: {tables: [common]}\nconfig: {noise: [{re: old}]}\n"
	child := "id: b_b\ntitle: B\nextends: a_a\nread: {running: [show two]}\nwalk: {tables+: [cdp]}\nconfig: {noise+: [{re: new}]}\n"
	s, err := Load(fstest.MapFS{"a_a.yaml": {Data: []byte(parent)}, "b_b.yaml": {Data: []byte(child)}})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := s.Get("b_b")
	if b.Vendor != "a" || len(b.Read.Running) != 1 || b.Read.Running[0].Command != "show two" {
		t.Errorf("vendor %q, running %+v", b.Vendor, b.Read.Running)
	}
	if got := strings.Join(b.Walk.Tables, " "); got != "common cdp" {
		t.Errorf("tables = %q, want the parent's first", got)
	}
	if len(b.Config.Noise) != 2 || b.Config.Noise[0].Re.String() != "new" {
		t.Errorf("noise = %v, want the child's first", b.Config.Noise)
	}
}

func TestAnOperatorsFileReplacesOurs(t *testing.T) {
	ours := fstest.MapFS{"a_a.yaml": {Data: []byte("id: a_a\ntitle: Ours\nvendor: a\n")}}
	theirs := fstest.MapFS{"a_a.yaml": {Data: []byte("id: a_a\ntitle: Theirs\nvendor: a\n")}}
	s, err := Load(ours, theirs)
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := s.Get("a_a"); p.Title != "Theirs" {
		t.Errorf("title = %q, want Theirs", p.Title)
	}
}
