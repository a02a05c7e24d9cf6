package pull

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"strings"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

// lines gives the lines of a text without their ends.
func lines(text []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range bytes.Lines(text) {
			if !yield(string(bytes.TrimSuffix(line, []byte{'\n'}))) {
				return
			}
		}
	}
}

func matches(list []platform.Regex, line string) bool {
	for i := range list {
		if list[i].MatchString(line) {
			return true
		}
	}
	return false
}

// isNoise says whether a rule of the platform names the line as one that
// changes without anybody's change, wherever it stands.
func isNoise(p *platform.Platform, line string) bool {
	for i := range p.Config.Noise {
		if n := &p.Config.Noise[i]; n.Within == nil && n.Re.MatchString(line) {
			return true
		}
	}
	return false
}

// steadySum gives a digest of what two reads of an unchanged device have in
// common: without noise, and without the secrets that a device encrypts anew
// with every print.
func steadySum(p *platform.Platform, text []byte) string {
	h := sha256.New()
	block := ""
	for line := range lines(text) {
		if line != "" && line[0] != ' ' && line[0] != '\t' {
			block = line
		}
		if isNoise(p, line) || noiseWithin(p, block, line) {
			continue
		}
		h.Write([]byte(reencrypted(p, line)))
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}

func noiseWithin(p *platform.Platform, block, line string) bool {
	for i := range p.Config.Noise {
		if n := &p.Config.Noise[i]; n.Within != nil && n.Re.MatchString(line) && n.Within.MatchString(block) {
			return true
		}
	}
	return false
}

// reencrypted takes out what a rule marks as encrypted anew.
func reencrypted(p *platform.Platform, line string) string {
	for i := range p.Config.Secrets {
		s := &p.Config.Secrets[i]
		if s.Form != "reencrypted" || s.Re.Re() == nil {
			continue
		}
		at := s.Re.Re().SubexpIndex("s")
		if loc := s.Re.Re().FindStringSubmatchIndex(line); at > 0 && loc != nil && loc[2*at] >= 0 {
			line = line[:loc[2*at]] + line[loc[2*at+1]:]
		}
	}
	return line
}

func clip(s string) string {
	const most = 120
	if s = strings.TrimSpace(s); len(s) > most {
		return s[:most] + "…"
	}
	return s
}
