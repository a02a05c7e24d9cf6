package netdev

import (
	"cmp"
	"strings"
)

// CompareNames orders names of devices and ports as people count: "acc2"
// before "acc10", "Gi1/0/9" before "Gi1/0/10". Case decides only between names
// that are equal otherwise.
func CompareNames(a, b string) int {
	x, y := strings.ToLower(a), strings.ToLower(b)
	for x != "" && y != "" {
		if n, m := digits(x), digits(y); n > 0 && m > 0 {
			// A longer number is a greater one, once leading zeros are off.
			p, q := strings.TrimLeft(x[:n], "0"), strings.TrimLeft(y[:m], "0")
			if c := cmp.Or(cmp.Compare(len(p), len(q)), strings.Compare(p, q)); c != 0 {
				return c
			}
			x, y = x[n:], y[m:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(a, b))
}

// digits counts the digits that s begins with.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}
