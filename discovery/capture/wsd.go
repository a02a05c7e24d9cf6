package capture

import (
	"bytes"
	"fmt"
)

// decodeWSD takes the action, types, scopes and addresses out of a
// WS-Discovery message (OASIS WS-Discovery 1.1 §4) by looking for their
// elements. It is no XML parser: entities, namespaces and nesting are not
// followed.
func decodeWSD(p *packet, f Facts) error {
	if !bytes.Contains(p.data[:min(len(p.data), 4096)], []byte("Envelope")) {
		return fmt.Errorf("no SOAP envelope")
	}
	for name, key := range map[string]string{"Action": "action", "Types": "types", "Scopes": "scopes", "XAddrs": "locations", "Address": "endpoint"} {
		v, ok := element(p.data, name)
		if !ok {
			continue
		}
		if key == "action" || key == "endpoint" {
			f.text(key, v)
			continue
		}
		for _, w := range bytes.Fields(v) {
			f.add(key, text(w))
		}
	}
	return nil
}

// element gives the text of the first element with a local name.
func element(b []byte, name string) ([]byte, bool) {
	for {
		i := bytes.Index(b, []byte(name))
		if i < 0 {
			return nil, false
		}
		opened := i > 0 && (b[i-1] == '<' || b[i-1] == ':')
		b = b[i+len(name):]
		if !opened || len(b) == 0 || b[0] != '>' && b[0] != ' ' {
			continue
		}
		_, b, _ = bytes.Cut(b, []byte(">"))
		v, _, ok := bytes.Cut(b, []byte("<"))
		return bytes.TrimSpace(v), ok
	}
}
