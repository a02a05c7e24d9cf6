package scrub

import "bytes"

// pemState follows a private key over its lines.
type pemState struct {
	open  bool
	moves bool // encrypted anew on every read
	body  []byte
	held  [][2][]byte // lines of the body with their ends
	first int
}

var (
	beginKey = []byte("-----BEGIN ")
	endKey   = []byte("-----END ")
	privKey  = []byte("PRIVATE KEY-----")
)

// startsKey says that a private key begins on the line and does not end there.
func startsKey(line []byte) bool {
	i := bytes.LastIndex(line, beginKey)
	return i >= 0 && bytes.Contains(line[i:], privKey) && !bytes.Contains(line[i:], endKey) &&
		len(bytes.TrimSpace(line[i+bytes.Index(line[i:], privKey)+len(privKey):])) == 0
}

// insideKey takes a line of the body. It says whether the line is dealt with.
func (p *pass) insideKey(line, end []byte) bool {
	if bytes.Contains(line, endKey) {
		p.flushKey()
		return false
	}
	if !keyLine(line) {
		p.flushKey()
		return false
	}
	if len(p.key.held) == 0 {
		p.key.first = p.line
	}
	p.key.held = append(p.key.held, [2][]byte{line, end})
	p.key.body = append(p.key.body, bytes.TrimSpace(line)...)
	return true
}

// flushKey writes one mask for the body.
func (p *pass) flushKey() {
	k := p.key
	p.key = pemState{}
	if len(k.held) == 0 {
		return
	}
	first := k.held[0]
	if len(k.held) == 1 && bytes.HasPrefix(bytes.TrimSpace(first[0]), token) {
		p.emit(first[0], first[1], k.first)
		return
	}
	at := p.line
	p.line = k.first
	form := "pem"
	if k.moves {
		form = reencrypted
	}
	mask := p.fact(k.body, form)
	p.line = at
	indent := first[0][:len(first[0])-len(bytes.TrimLeft(first[0], " \t"))]
	p.emit(append(append([]byte(nil), indent...), mask...), first[1], k.first)
}

// keyLine says whether a line may belong to the body of a key: base64, a
// header, nothing, or the mask of an earlier scrub.
func keyLine(line []byte) bool {
	t := bytes.TrimSpace(line)
	if len(t) == 0 || bytes.HasPrefix(t, token) {
		return true
	}
	if bytes.HasPrefix(t, []byte("Proc-Type:")) || bytes.HasPrefix(t, []byte("DEK-Info:")) {
		return true
	}
	for _, c := range t {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=') {
			return false
		}
	}
	return true
}
