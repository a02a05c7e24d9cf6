package diff

import (
	"bytes"
	"fmt"
	"strings"
)

// Unified writes d in the format that patch(1) reads. Equal texts give
// nothing.
func Unified(d TextDiff, oldName, newName string) []byte {
	if len(d.Hunks) == 0 {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", fileName(oldName), fileName(newName))
	for _, h := range d.Hunks {
		fmt.Fprintf(&b, "@@ -%s +%s @@", extent(h.OldFrom, h.OldCount), extent(h.NewFrom, h.NewCount))
		if len(h.Section) > 0 {
			b.WriteString(" " + strings.Join(h.Section, " / "))
		}
		b.WriteByte('\n')
		for _, l := range h.Lines {
			b.WriteByte(l.Op)
			b.WriteString(l.Text)
			b.WriteByte('\n')
			if l.NoEOL {
				b.WriteString("\\ No newline at end of file\n")
			}
		}
	}
	return b.Bytes()
}

func extent(from, count int) string {
	if count == 1 {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d,%d", from, count)
}

// fileName keeps a name on its line.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, s)
}
