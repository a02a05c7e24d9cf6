package scrub

import (
	"bytes"
	"strings"
)

// classOf is how much a form gives away.
var classOf = map[string]string{
	"clear": "clear", "type-0": "clear", "community": "clear", "pem": "clear",
	"type-6": "reversible", "type-7": "reversible", "dollar-nine": "reversible", "reencrypted": "reversible",
	"type-4": "weak-hash", "type-5": "weak-hash", "md5-crypt": "weak-hash",
	"type-8": "strong-hash", "type-9": "strong-hash", "sha256": "strong-hash", "sha512": "strong-hash", "bcrypt": "strong-hash", "yescrypt": "strong-hash",
}

// formOf names how a value is written: by its own looks first, then by the
// word in front of it, then as the rule says.
func formOf(value []byte, word, rule string) string {
	if rule == "reencrypted" || rule == "community" || rule == "pem" {
		return rule
	}
	if f := byLooks(string(value), word); f != "" {
		return f
	}
	if len(word) == 1 && strings.Contains("0456789", word) {
		return "type-" + word
	}
	switch {
	case word == "sha512", word == "10":
		return "sha512"
	case rule != "":
		return rule
	case word != "" && strings.Trim(word, "0123456789") == "":
		return "unknown"
	}
	switch strings.ToLower(word) {
	case "", "text", "string", "ascii", "ascii-text", "plain", "plaintext", "clear", "cleartext", "simple":
		return "clear"
	}
	return "unknown"
}

func byLooks(v, word string) string {
	switch {
	case strings.HasPrefix(v, "$1$"):
		return "type-5"
	case strings.HasPrefix(v, "$5$"):
		return "sha256"
	case strings.HasPrefix(v, "$6$"):
		return "sha512"
	case strings.HasPrefix(v, "$8$"):
		return "type-8"
	case strings.HasPrefix(v, "$9$") && (word == "9" || strings.Count(v, "$") > 2):
		return "type-9"
	case strings.HasPrefix(v, "$9$"):
		return "dollar-nine"
	case strings.HasPrefix(v, "$y$"):
		return "yescrypt"
	case strings.HasPrefix(v, "$2"):
		return "bcrypt"
	}
	return ""
}

// plain decodes what can be decoded without a key, so that one password has
// one mask however often it is salted anew. It gives the value itself where
// nothing is to be decoded.
func plain(value []byte, form string) ([]byte, bool) {
	switch form {
	case "type-7":
		if p := type7(value); p != nil {
			return p, true
		}
	case "dollar-nine":
		if p := dollarNine(string(value)); p != nil {
			return p, true
		}
	case "clear", "type-0", "community":
		return value, true
	}
	return value, false
}

// type7Key is the fixed key of the encoding.
const type7Key = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"

func type7(v []byte) []byte {
	if len(v) < 4 || len(v)%2 != 0 || v[0] < '0' || v[0] > '9' || v[1] < '0' || v[1] > '9' {
		return nil
	}
	at := int(v[0]-'0')*10 + int(v[1]-'0')
	out := make([]byte, 0, len(v)/2)
	for i := 2; i < len(v); i += 2 {
		hi, lo := hexDigit(v[i]), hexDigit(v[i+1])
		if hi < 0 || lo < 0 {
			return nil
		}
		c := byte(hi<<4|lo) ^ type7Key[at%len(type7Key)]
		if c < ' ' || c > '~' {
			return nil
		}
		out = append(out, c)
		at++
	}
	return out
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// The alphabet of the $9$ encoding, by how many random characters follow the
// first one, and the weights of the gaps between characters.
var (
	nineFamilies = [4]string{"QzF3n6/9CAtpu0O", "B1IREhcSyrleKvMW8LXx", "7N-dVbwsY2g4oaJZGUDj", "iHkq.mPf5T"}
	nineWeights  = [7][]int{{1, 4, 32}, {1, 16, 32}, {1, 8, 32}, {1, 64}, {1, 32}, {1, 4, 16, 128}, {1, 32, 64}}
)

func dollarNine(v string) []byte {
	alphabet := strings.Join(nineFamilies[:], "")
	v = strings.TrimPrefix(v, "$9$")
	if len(v) < 4 {
		return nil
	}
	random := -1
	for i, f := range nineFamilies {
		if strings.IndexByte(f, v[0]) >= 0 {
			random = 3 - i
		}
	}
	if random < 0 {
		return nil
	}
	prev, v := v[0], v[1:]
	if random > len(v) {
		return nil
	}
	v = v[random:]
	var out []byte
	for v != "" {
		weights := nineWeights[len(out)%len(nineWeights)]
		if len(v) < len(weights) {
			return nil
		}
		sum := 0
		for i, w := range weights {
			a, b := strings.IndexByte(alphabet, prev), strings.IndexByte(alphabet, v[i])
			if a < 0 || b < 0 {
				return nil
			}
			sum += ((b-a+len(alphabet))%len(alphabet) - 1) * w
			prev = v[i]
		}
		c := byte(sum % 256)
		if c < ' ' || c > '~' {
			return nil
		}
		out, v = append(out, c), v[len(weights):]
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// defaultWords are passwords and communities that devices are delivered with
// and people choose first.
var defaultWords = map[string]bool{
	"public": true, "private": true, "admin": true, "password": true, "secret": true, "default": true, "changeme": true,
	"123456": true, "12345678": true, "root": true, "test": true, "guest": true, "monitor": true, "manager": true, "community": true,
	"snmp": true, "snmptrap": true, "enable": true, "switch": true, "router": true, "letmein": true, "qwerty": true, "pass": true,
	"password1": true, "admin123": true, "ubnt": true, "welcome": true, "supervisor": true, "operator": true,
}

func isDefaultWord(v []byte) bool { return defaultWords[string(bytes.ToLower(v))] }
