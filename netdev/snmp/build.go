package snmp

// builder writes BER from the end of a buffer to its front, so that every
// length is known when it is written and takes as few octets as it can: some
// agents refuse longer forms.
type builder struct {
	b []byte
	i int // the message is b[i:]
}

func (w *builder) reset() {
	if w.b == nil {
		w.b = make([]byte, 512)
	}
	w.i = len(w.b)
}

func (w *builder) bytes() []byte { return w.b[w.i:] }

// mark is where the next element will end, counted from the end of the
// buffer, so that it stays true when the buffer grows.
func (w *builder) mark() int { return len(w.b) - w.i }

func (w *builder) room(n int) {
	if w.i >= n {
		return
	}
	old := w.b[w.i:]
	grown := make([]byte, 2*len(w.b)+n)
	w.i = len(grown) - len(old)
	copy(grown[w.i:], old)
	w.b = grown
}

func (w *builder) byte(c byte) {
	w.room(1)
	w.i--
	w.b[w.i] = c
}

func (w *builder) raw(p []byte) {
	w.room(len(p))
	w.i -= len(p)
	copy(w.b[w.i:], p)
}

// wrap puts tag and length before what was written since mark.
func (w *builder) wrap(tag byte, mark int) {
	n := w.mark() - mark
	switch {
	case n < 0x80:
		w.byte(byte(n))
	case n < 0x100:
		w.byte(byte(n))
		w.byte(0x81)
	default:
		w.byte(byte(n))
		w.byte(byte(n >> 8))
		w.byte(0x82)
	}
	w.byte(tag)
}

func (w *builder) octets(p []byte) {
	m := w.mark()
	w.raw(p)
	w.wrap(byte(OctetString), m)
}

func (w *builder) integer(v int64) {
	m := w.mark()
	for {
		c := byte(v)
		w.byte(c)
		v >>= 8
		if (v == 0 && c < 0x80) || (v == -1 && c >= 0x80) {
			break
		}
	}
	w.wrap(byte(Integer), m)
}

func (w *builder) arcs(a []uint32) {
	m := w.mark()
	for k := len(a) - 1; k >= 2; k-- {
		w.arc(a[k])
	}
	if len(a) > 1 {
		w.arc(a[0]*40 + a[1])
	}
	w.wrap(byte(ObjectID), m)
}

func (w *builder) arc(v uint32) {
	w.byte(byte(v & 0x7f))
	for v >>= 7; v != 0; v >>= 7 {
		w.byte(byte(v) | 0x80)
	}
}

// pdu writes a request. For GETBULK a and b are non-repeaters and
// max-repetitions, else error-status and error-index, both 0.
func (w *builder) pdu(tag byte, id uint32, a, b int, names [][]uint32) {
	start := w.mark()
	for k := len(names) - 1; k >= 0; k-- {
		m := w.mark()
		w.byte(0)
		w.byte(byte(Null))
		w.arcs(names[k])
		w.wrap(tagSequence, m)
	}
	w.wrap(tagSequence, start)
	w.integer(int64(b))
	w.integer(int64(a))
	w.integer(int64(id))
	w.wrap(tag, start)
}

// community writes a whole message of version 1 (0) or 2c (1).
func (w *builder) community(version int, community []byte, tag byte, id uint32, a, b int, names [][]uint32) []byte {
	w.reset()
	start := w.mark()
	w.pdu(tag, id, a, b, names)
	w.octets(community)
	w.integer(int64(version))
	w.wrap(tagSequence, start)
	return w.bytes()
}
