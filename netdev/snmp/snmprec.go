package snmp

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"

	"github.com/plumbline-net/plumbline/netdev"
)

// maxRecord bounds what is read of one recording.
const maxRecord = 512 << 20

// Record is one recorded walk. It is read-only after it was read and may be
// shared.
type Record struct {
	vars     []recorded
	arcs     []uint32 // of every OID, one behind the other
	contexts map[string]*Record
	skipped  int
}

type recorded struct {
	off uint32
	n   uint16
	val Value
}

// ReadRecord reads a recording in snmprec form, OID|TAG|VALUE a line. What
// cannot be read as a line is counted, never refused: recordings are made by
// people. The error is only ever one of r, or that the recording is larger
// than 512 MiB.
//
// Of an OID that occurs twice the first is kept. Lines may come in any order
// and with CRLF; lines with # are comments. Octets are taken from text, hex
// (tags with x) or backslash escapes (tags with e).
func ReadRecord(r io.Reader) (*Record, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxRecord+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxRecord {
		return nil, fmt.Errorf("a recording of more than %d MiB", maxRecord>>20)
	}
	rec := &Record{}
	lines := bytes.Count(data, []byte{'\n'}) + 1
	rec.vars = make([]recorded, 0, lines)
	rec.arcs = make([]uint32, 0, lines*14)
	sorted, first, dotted := true, true, false
	for len(data) > 0 {
		line := data
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			line, data = data[:i], data[i+1:]
		} else {
			data = nil
		}
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(bytes.TrimSpace(line)) == 0 || line[0] == '#' {
			continue
		}
		if first {
			// A leading dot is a fault of one line, unless the file has
			// them from the start.
			dotted, first = line[0] == '.', false
		}
		if dotted {
			line = bytes.TrimPrefix(line, []byte{'.'})
		}
		if !rec.addLine(line) {
			rec.skipped++
			continue
		}
		if n := len(rec.vars); sorted && n > 1 {
			sorted = slices.Compare(rec.oid(n-2), rec.oid(n-1)) < 0
		}
	}
	if !sorted {
		rec.sort()
	}
	return rec, nil
}

// Skipped counts the lines that could not be read.
func (r *Record) Skipped() int { return r.skipped }

// Len counts the values.
func (r *Record) Len() int { return len(r.vars) }

func (r *Record) oid(i int) []uint32 {
	v := r.vars[i]
	return r.arcs[v.off : v.off+uint32(v.n)]
}

func (r *Record) sort() {
	slices.SortStableFunc(r.vars, func(a, b recorded) int {
		return slices.Compare(r.arcs[a.off:a.off+uint32(a.n)], r.arcs[b.off:b.off+uint32(b.n)])
	})
	at := func(v recorded) []uint32 { return r.arcs[v.off : v.off+uint32(v.n)] }
	r.vars = slices.CompactFunc(r.vars, func(a, b recorded) bool { return slices.Equal(at(a), at(b)) })
}

func (r *Record) addLine(line []byte) bool {
	name, rest, ok := bytes.Cut(line, []byte{'|'})
	if !ok {
		return false
	}
	tag, text, ok := bytes.Cut(rest, []byte{'|'})
	if !ok {
		return false
	}
	off := len(r.arcs)
	arcs, ok := appendOID(r.arcs, bytes.TrimSpace(name))
	if !ok {
		return false
	}
	val, ok := parseValue(tag, text)
	if !ok {
		return false
	}
	r.arcs = arcs
	r.vars = append(r.vars, recorded{off: uint32(off), n: uint16(len(arcs) - off), val: val})
	return true
}

func parseValue(tag, text []byte) (Value, bool) {
	kind := bytes.TrimRight(tag, "xe")
	enc := tag[len(kind):]
	n, err := strconv.Atoi(string(kind))
	if err != nil {
		return Value{}, false
	}
	t := Type(n)
	if n == 40 { // written by tools that leave the class bits out
		t = Counter32
	}
	switch t {
	case OctetString, Opaque, IPAddress:
		return parseOctets(t, enc, text)
	case Null, NoSuchObject, NoSuchInstance, EndOfMibView:
		return Value{Type: t}, true
	case ObjectID:
		arcs, ok := ParseOID(bytes.TrimPrefix(bytes.TrimSpace(text), []byte{'.'}))
		return Value{Type: t, OID: FormatOID(arcs)}, ok
	case Integer, Counter32, Gauge32, TimeTicks, Counter64:
		num, ok := parseNumber(t, bytes.TrimSpace(text))
		return Value{Type: t, Num: num}, ok
	}
	return Value{}, false
}

func parseOctets(t Type, enc, text []byte) (Value, bool) {
	switch {
	case bytes.HasPrefix(enc, []byte{'x'}):
		text = unhex(text)
	case bytes.HasPrefix(enc, []byte{'e'}):
		text = unescape(text)
	case t == IPAddress:
		a, err := netip.ParseAddr(string(bytes.TrimSpace(text)))
		if err != nil {
			return Value{}, false
		}
		text = a.AsSlice()
	}
	if t == IPAddress && len(text) != 4 && len(text) != 16 {
		return Value{}, false
	}
	return Value{Type: t, Bytes: text}, true
}

// parseNumber wraps what does not fit, as agents do, and finds the number of
// "up(1)".
func parseNumber(t Type, text []byte) (uint64, bool) {
	if open := bytes.LastIndexByte(text, '('); open >= 0 && bytes.HasSuffix(text, []byte{')'}) {
		text = text[open+1 : len(text)-1]
	}
	s := string(text)
	n, err := strconv.ParseInt(s, 10, 64)
	u := uint64(n)
	if err != nil {
		if u, err = strconv.ParseUint(s, 10, 64); err != nil {
			return 0, false
		}
	}
	switch t {
	case Counter32, Gauge32, TimeTicks:
		u = uint64(uint32(u))
	case Integer:
		if n != int64(int32(n)) {
			u = uint64(int64(int32(u)))
		}
	}
	return u, true
}

// unhex decodes in place; blanks are left out, an odd last digit and what
// follows a bad digit is dropped.
func unhex(text []byte) []byte {
	out := text[:0]
	high, have := byte(0), false
	for _, c := range text {
		var d byte
		switch {
		case c >= '0' && c <= '9':
			d = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = c | 0x20 - 'a' + 10
		case c == ' ' || c == ':' || c == '-':
			continue
		default:
			return out
		}
		if have = !have; have {
			high = d
			continue
		}
		out = append(out, high<<4|d)
	}
	return out
}

// unescape decodes \xHH, \n, \r, \t, \\ and the like, in place.
func unescape(text []byte) []byte {
	out := text[:0]
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\\' || i+1 == len(text) {
			out = append(out, c)
			continue
		}
		i++
		switch e := text[i]; e {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case '0':
			out = append(out, 0)
		case 'x':
			if i+2 < len(text) {
				if n, err := strconv.ParseUint(string(text[i+1:i+3]), 16, 8); err == nil {
					out = append(out, byte(n))
					i += 2
					continue
				}
			}
			out = append(out, '\\', 'x')
		default:
			out = append(out, e)
		}
	}
	return out
}

// find gives the place of the first OID that is not below arcs.
func (r *Record) find(arcs []uint32) int {
	i, _ := slices.BinarySearchFunc(r.vars, arcs, func(v recorded, want []uint32) int {
		return slices.Compare(r.arcs[v.off:v.off+uint32(v.n)], want)
	})
	return i
}

// Within gives the values below an OID and at it, in order.
func (r *Record) Within(prefix OID) []Varbind {
	arcs, ok := ParseOID(prefix)
	if !ok {
		return nil
	}
	var out []Varbind
	for i := r.find(arcs); i < len(r.vars) && hasPrefix(r.oid(i), arcs); i++ {
		out = append(out, Varbind{OID: FormatOID(r.oid(i)), Value: r.vars[i].val})
	}
	return out
}

func coverageOf(rows int) netdev.Coverage {
	if rows == 0 {
		return netdev.Absent
	}
	return netdev.Complete
}
