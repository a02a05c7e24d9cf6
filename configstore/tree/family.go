package tree

import "strings"

// family says how a text is split: as the rulebook says, unless the text is
// plainly of another spelling, and by its looks where no rulebook says.
func (b *Book) family(src string) (family, format string) {
	l := b.look(src)
	s := b.book.Syntax
	switch s.Family {
	case "indent", "edit":
		return s.Family, ""
	case "structured":
		if l.format == "" && s.Format == "" {
			return l.guess(), ""
		}
		if s.Format == "keyvalue" || s.Format == "yaml" || l.format == "" {
			return s.Family, s.Format
		}
		return s.Family, l.format
	case "path":
		switch {
		case s.Context != "":
			return "path", ""
		case l.format == "xml":
			return "structured", l.format
		case l.verbs > 0 && l.verbs >= l.braces:
			return "path", ""
		case l.braces > 0:
			return "brace", ""
		}
		return "indent", ""
	case "brace":
		switch {
		case l.format == "xml":
			return "structured", l.format
		case l.braces > 0 && l.braces >= l.verbs/4:
			return "brace", ""
		case l.verbs > 0:
			return "path", ""
		case l.lines == 0:
			return "brace", ""
		}
		if l.ends > 0 || l.curly {
			return "brace", ""
		}
		return "indent", ""
	}
	if l.format != "" {
		return "structured", l.format
	}
	return l.guess(), ""
}

// looks counts what tells the families apart in the head of a text.
type looks struct {
	lines, braces, ends, verbs, edits, keyed int
	curly                                    bool
	format                                   string
}

func (l looks) guess() string {
	switch {
	case l.edits*4 > l.lines && l.edits > 1:
		return "edit"
	case l.braces*12 > l.lines:
		return "brace"
	case l.verbs*2 > l.lines:
		return "path"
	case l.keyed*10 > l.lines*9 && l.lines > 2:
		return "structured"
	}
	return "indent"
}

func (b *Book) look(src string) looks {
	const head = 256 << 10
	var l looks
	if len(src) > head {
		src = src[:head]
	}
	l.format, l.curly = markup(src), strings.Contains(src, "{")
	for src != "" {
		var line string
		line, src, _ = strings.Cut(src, "\n")
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		l.lines++
		switch line[len(line)-1] {
		case '{':
			l.braces++
		case ';':
			l.ends++
		}
		switch first, _, more := strings.Cut(line, " "); {
		case first == "next" || first == "end" && !more || more && (first == "config" || first == "edit"):
			l.edits++
		case more && b.verb(line) > 0:
			l.verbs++
		case !more && strings.IndexByte(first, '=') > 0:
			l.keyed++
		}
	}
	return l
}

// verbs are those of set languages in general; a rulebook may name its own.
var verbs = []string{"set", "delete", "deactivate", "activate", "protect", "add", "net add", "net del"}

// verb gives the length of the verb that a line begins with, 0 without one.
func (b *Book) verb(line string) int {
	list := b.book.Syntax.Verbs
	if len(list) == 0 {
		list = verbs
	}
	for _, v := range list {
		if len(line) > len(v) && line[len(v)] == ' ' && line[:len(v)] == v {
			return len(v)
		}
	}
	return 0
}

// markup recognises JSON and XML by their first characters.
func markup(src string) string {
	s := strings.TrimLeft(strings.TrimPrefix(src, "\ufeff"), " \t\r\n")
	switch {
	case strings.HasPrefix(s, "<?xml"), len(s) > 1 && s[0] == '<' && (isLetter(s[1]) || s[1] == '!'):
		return "xml"
	case s != "" && (s[0] == '{' || s[0] == '['):
		rest := strings.TrimLeft(s[1:], " \t\r\n")
		if rest != "" && (rest[0] == '"' || rest[0] == '{' || rest[0] == '[' || rest[0] == '}' || rest[0] == ']') {
			return "json"
		}
	}
	return ""
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
