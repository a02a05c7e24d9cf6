package capture

import "strconv"

// oidText writes the contents of a BER object identifier (X.690 §8.19) with
// dots; "" for one that is cut or has arcs beyond 32 bits.
func oidText(b []byte) string {
	if len(b) > 2 && b[0] == 0x06 && int(b[1]) == len(b)-2 {
		b = b[2:]
	}
	if len(b) == 0 || len(b) > 128 || b[len(b)-1]&0x80 != 0 {
		return ""
	}
	out := make([]byte, 0, 4*len(b))
	arc := uint64(0)
	for _, c := range b {
		if arc = arc<<7 | uint64(c&0x7f); arc > 1<<32+80 {
			return ""
		}
		if c&0x80 != 0 {
			continue
		}
		if len(out) == 0 {
			first := min(arc/40, 2)
			out = strconv.AppendUint(out, first, 10)
			arc -= first * 40
		}
		out = strconv.AppendUint(append(out, '.'), arc, 10)
		arc = 0
	}
	return string(out)
}
