// Package oui says who made a network interface by the prefix of its MAC
// address (IEEE MA-L). It knows makers of network equipment only, those that
// help to name a neighbour that says nothing else of itself.
//
// It refuses to decide: a prefix is weak evidence, and a locally administered
// address says nothing at all.
package oui

import (
	"bufio"
	"bytes"
	_ "embed"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

//go:embed prefixes.txt
var prefixes []byte

// Table maps prefixes to vendor ids. It is read-only.
type Table struct{ vendor map[string]string }

// Builtin reads the prefixes of the binary.
func Builtin() Table {
	t := Table{vendor: map[string]string{}}
	lines := bufio.NewScanner(bytes.NewReader(prefixes))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		for _, p := range fields[1:] {
			t.vendor[strings.ToLower(p)] = fields[0]
		}
	}
	return t
}

// Vendor gives the vendor id (as in the platform files' vendors) of a MAC, ""
// when the prefix is not known or the address is locally administered or a
// group.
func (t Table) Vendor(m netdev.MAC) string {
	if len(m) != 17 || strings.ContainsRune("2367abef13579bdf", rune(m[1])) {
		return ""
	}
	return t.vendor[string(m[:8])]
}
