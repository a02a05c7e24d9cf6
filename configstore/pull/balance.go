package pull

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// closes is rule 6: the structure that must close.
func closes(p *platform.Platform, text []byte) verdict {
	b := p.Complete.Balance
	if b == nil {
		return verdict{}
	}
	var why string
	switch b.Word {
	case "braces":
		why = braces(text)
	case "xml":
		if !isXML(text) { // nothing to close; complete.start said that this is allowed
			return verdict{}
		}
		why = xmlCloses(text, p.Complete.Root)
	case "json":
		if !json.Valid(text) {
			why = "it is not a whole JSON document"
		}
	default:
		why = pairs(b, text)
	}
	if why != "" {
		return refuse("6", netdev.Truncated, "%s", why)
	}
	return verdict{}
}

// braces checks { } outside of quotes and comments.
func braces(text []byte) string {
	depth, quoted := 0, false
	for line := range bytes.Lines(text) {
		t := bytes.TrimLeft(line, " \t")
		if !quoted && (bytes.HasPrefix(t, []byte("##")) || bytes.HasPrefix(t, []byte("#"))) {
			continue
		}
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '{':
				depth++
			case c == '}':
				if depth--; depth < 0 {
					return "a brace closes that was not opened"
				}
			case c == '/' && bytes.HasPrefix(line[i:], []byte("/*")):
				end := bytes.Index(line[i:], []byte("*/"))
				if end < 0 {
					i = len(line)
				} else {
					i += end + 1
				}
			}
		}
	}
	switch {
	case quoted:
		return "a quoted text stays open"
	case depth > 0:
		return "braces stay open"
	}
	return ""
}

// isXML says whether the text begins like a document.
func isXML(text []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(text, " \t\n"), []byte{'<'}) }

// xmlCloses checks that the root element closes.
func xmlCloses(text []byte, root string) string {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = true
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	depth, seen, name := 0, false, ""
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "it is not a whole XML document"
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if depth == 0 {
				seen, name = true, t.Name.Local
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
	switch {
	case !seen || depth > 0:
		return "the root element stays open"
	case root != "" && name != root:
		return "the root element is <" + clip(name) + ">"
	}
	return ""
}

// pairs checks lines that open and close, outside of quotes where the platform
// says that lines inside do not count.
func pairs(b *platform.Balance, text []byte) string {
	all := append([]platform.Pair{{Open: b.Open, Close: b.Close}}, b.Also...)
	type opened struct {
		pair     int
		tolerate bool
	}
	var stack []opened
	quoted := false
	for line := range lines(text) {
		inside := quoted
		if b.InsideQuotes != "" {
			quoted = quoteAfter(quoted, line)
		}
		if inside {
			continue
		}
		for k := range all {
			if all[k].Open.MatchString(line) {
				stack = append(stack, opened{pair: k, tolerate: matches(b.Tolerate, line)})
				break
			}
			if !all[k].Close.MatchString(line) {
				continue
			}
			// What may lack its closing line is closed by that of an outer one.
			for len(stack) > 0 && stack[len(stack)-1].pair != k && stack[len(stack)-1].tolerate {
				stack = stack[:len(stack)-1]
			}
			if len(stack) == 0 || stack[len(stack)-1].pair != k {
				return "a line closes what was not opened: " + clip(line)
			}
			stack = stack[:len(stack)-1]
			break
		}
	}
	for _, o := range stack {
		if !o.tolerate {
			return "a section stays open"
		}
	}
	if quoted {
		return "a quoted text stays open"
	}
	return ""
}

// quoteAfter says whether a quoted text is open after the line.
func quoteAfter(quoted bool, line string) bool {
	if !quoted && strings.HasPrefix(strings.TrimSpace(line), "#") {
		return false
	}
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		}
	}
	return quoted
}
