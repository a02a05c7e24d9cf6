package web

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed docs/*.md
var docsFS embed.FS

// manual is the pages of the manual, by name.
type manual struct {
	order []string
	pages map[string]manualPage
}

type manualPage struct {
	Name, Title string
	Blocks      []manualBlock
}

// manualBlock is one block of a page. Kind: h2, h3, p, ul, ol, pre.
type manualBlock struct {
	Kind  string
	ID    string
	Spans []manualSpan
	Items [][]manualSpan
	Text  string
}

// manualSpan is a piece of a line. Kind: "", code, strong, link.
type manualSpan struct{ Kind, Text, Href string }

func readManual() (manual, error) {
	m := manual{pages: map[string]manualPage{}, order: []string{"index", "first-steps", "discovery", "backup", "drift", "compliance", "schedules", "filters", "search", "health", "audit", "settings", "notifications", "security", "keys", "changelog"}}
	files, err := fs.Glob(docsFS, "docs/*.md")
	if err != nil {
		return m, err
	}
	for _, f := range files {
		b, err := fs.ReadFile(docsFS, f)
		if err != nil {
			return m, err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(f, "docs/"), ".md")
		m.pages[name] = readPage(name, string(b))
		if !slices.Contains(m.order, name) {
			m.order = append(m.order, name)
		}
	}
	return m, nil
}

// readPage reads the little of Markdown that our manual uses: headings,
// paragraphs, lists, indented or fenced code, **strong**, `code`, [links](to).
func readPage(name, text string) manualPage {
	p := manualPage{Name: name, Title: name}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); {
		line := strings.TrimRight(lines[i], " ")
		switch {
		case line == "":
			i++
		case strings.HasPrefix(line, "# "):
			p.Title = line[2:]
			i++
		case strings.HasPrefix(line, "## "):
			p.Blocks = append(p.Blocks, manualBlock{Kind: "h2", ID: slug(line[3:]), Spans: spans(line[3:])})
			i++
		case strings.HasPrefix(line, "### "):
			p.Blocks = append(p.Blocks, manualBlock{Kind: "h3", ID: slug(line[4:]), Spans: spans(line[4:])})
			i++
		case strings.HasPrefix(line, "    "):
			var code []string
			for i < len(lines) && (strings.HasPrefix(lines[i], "    ") || strings.TrimSpace(lines[i]) == "" && i+1 < len(lines) && strings.HasPrefix(lines[i+1], "    ")) {
				code = append(code, strings.TrimPrefix(lines[i], "    "))
				i++
			}
			p.Blocks = append(p.Blocks, manualBlock{Kind: "pre", Text: strings.Join(code, "\n")})
		case bullet(line) != "":
			i = p.readList(lines, i)
		default:
			var para []string
			for i < len(lines) && strings.TrimSpace(lines[i]) != "" && bullet(lines[i]) == "" && !strings.HasPrefix(lines[i], "#") {
				para = append(para, strings.TrimSpace(lines[i]))
				i++
			}
			p.Blocks = append(p.Blocks, manualBlock{Kind: "p", Spans: spans(strings.Join(para, " "))})
		}
	}
	return p
}

func (p *manualPage) readList(lines []string, i int) int {
	b := manualBlock{Kind: bullet(lines[i])}
	for i < len(lines) && strings.TrimSpace(lines[i]) != "" {
		line := lines[i]
		if k := bullet(line); k != "" {
			_, rest, _ := strings.Cut(line, " ")
			b.Items = append(b.Items, spans(rest))
		} else {
			last := len(b.Items) - 1
			b.Items[last] = append(b.Items[last], spans(" "+strings.TrimSpace(line))...)
		}
		i++
	}
	p.Blocks = append(p.Blocks, b)
	return i
}

func bullet(line string) string {
	if strings.HasPrefix(line, "- ") {
		return "ul"
	}
	if n := strings.TrimLeft(line, "0123456789"); n != line && strings.HasPrefix(n, ". ") {
		return "ol"
	}
	return ""
}

func slug(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s)), "-")
}

func spans(s string) []manualSpan {
	var out []manualSpan
	plain := func(t string) {
		if t != "" {
			out = append(out, manualSpan{Text: t})
		}
	}
	for s != "" {
		i := strings.IndexAny(s, "`*[")
		if i < 0 {
			break
		}
		kind, n, text, href := span1(s[i:])
		if n == 0 {
			plain(s[:i+1])
			s = s[i+1:]
			continue
		}
		plain(s[:i])
		out = append(out, manualSpan{kind, text, href})
		s = s[i+n:]
	}
	plain(s)
	return out
}

// span1 reads one marked piece at the start of s and says how long it is.
func span1(s string) (kind string, n int, text, href string) {
	switch {
	case s[0] == '`':
		if j := strings.IndexByte(s[1:], '`'); j > 0 {
			return "code", j + 2, s[1 : j+1], ""
		}
	case strings.HasPrefix(s, "**"):
		if j := strings.Index(s[2:], "**"); j > 0 {
			return "strong", j + 4, s[2 : j+2], ""
		}
	case s[0] == '[':
		if j := strings.Index(s, "]("); j > 0 {
			if k := strings.IndexByte(s[j:], ')'); k > 0 {
				return "link", j + k + 1, s[1:j], strings.TrimSuffix(s[j+2:j+k], ".md")
			}
		}
	}
	return "", 0, "", ""
}
