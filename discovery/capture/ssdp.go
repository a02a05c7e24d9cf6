package capture

import (
	"bytes"
	"fmt"
)

// decodeSSDP reads the head lines of UPnP discovery, which look like those of
// HTTP.
func decodeSSDP(p *packet, f Facts) error {
	first, rest, _ := bytes.Cut(p.data, []byte("\n"))
	first = bytes.TrimSpace(first)
	switch {
	case bytes.HasPrefix(first, []byte("NOTIFY ")), bytes.HasPrefix(first, []byte("M-SEARCH ")), bytes.HasPrefix(first, []byte("HTTP/")):
	default:
		return fmt.Errorf("no head line of SSDP")
	}
	method, _, _ := bytes.Cut(first, []byte(" "))
	f.text("method", method)
	for range 64 {
		line, more, ok := bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		if key, value, ok := bytes.Cut(line, []byte(":")); ok {
			ssdpHeader(string(bytes.ToLower(bytes.TrimSpace(key))), bytes.TrimSpace(value), f)
		}
		if !ok {
			break
		}
		rest = more
	}
	return nil
}

func ssdpHeader(key string, value []byte, f Facts) {
	switch key {
	case "server", "location", "usn", "st", "nt", "nts":
		f.text(key, value)
	case "user-agent":
		f.text("user_agent", value)
	}
}
