package netdev

import "strings"

// ReadMAC reads a MAC address in any writing that people and devices use: six
// octets parted by colons, hyphens or blanks (leading zeros may be missing),
// three or two groups parted by dots or hyphens, or twelve digits, in either
// case, with or without 0x. It is strict otherwise: a text that mixes marks or
// groups is none.
func ReadMAC(s string) (MAC, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.TrimPrefix(s, "0x")
	if len(s) < 11 || len(s) > 17 {
		return "", false
	}
	mark := strings.IndexFunc(s, func(r rune) bool { return !isHex(r) })
	groups := []string{s}
	if mark >= 0 {
		if !strings.ContainsRune(":-. ", rune(s[mark])) {
			return "", false
		}
		groups = strings.Split(s, s[mark:mark+1])
	}
	digits := ""
	for _, g := range groups {
		if strings.IndexFunc(g, func(r rune) bool { return !isHex(r) }) >= 0 {
			return "", false
		}
		width := map[int]int{1: 12, 2: 6, 3: 4, 6: 2}[len(groups)]
		if width == 2 && len(g) == 1 {
			g = "0" + g
		}
		if width == 0 || len(g) != width {
			return "", false
		}
		digits += g
	}
	var b strings.Builder
	for i := 0; i < 12; i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(digits[i : i+2])
	}
	return MAC(b.String()), true
}

func isHex(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' }
