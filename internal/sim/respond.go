package sim

import (
	"strconv"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// request is one PDU, RFC 3416 §3.
type request struct {
	kind   byte
	id     int64
	non    int64 // non-repeaters
	max    int64 // max-repetitions
	wanted []oid
}

func parsePDU(b []byte) (request, error) {
	kind, body, _, err := cut(b)
	if err != nil {
		return request{}, err
	}
	q := request{kind: kind}
	if q.id, body, err = takeInt(body); err != nil {
		return q, err
	}
	if q.non, body, err = takeInt(body); err != nil {
		return q, err
	}
	if q.max, body, err = takeInt(body); err != nil {
		return q, err
	}
	list, _, err := take(body, tagSequence)
	for err == nil && len(list) > 0 {
		var bind []byte
		if bind, list, err = take(list, tagSequence); err != nil {
			break
		}
		var o oid
		if o, _, err = takeOID(bind); err != nil {
			break
		}
		q.wanted = append(q.wanted, o)
	}
	return q, err
}

// The error-status values of RFC 3416 §3.
const statusTooBig, statusGenErr, statusNotWritable = 1, 5, 17

// respond gives the response PDU to the request PDU in b, or nil for silence.
// over is what the message around it takes.
func (a *agent) respond(b []byte, context string, over int) []byte {
	q, err := parsePDU(b)
	if err != nil {
		return nil
	}
	a.d.note(func(c *counters) {
		if c.pdus == nil {
			c.pdus = map[byte]int{}
		}
		c.pdus[q.kind]++
		if q.kind == pduSet {
			c.sets++
		}
	})
	view := a.d.view(context)
	if view == nil {
		return nil
	}
	echo := func(status int64) []byte {
		var list []byte
		for _, o := range q.wanted {
			list = append(list, tlv(tagSequence, berOID(o), []byte{tagNull, 0})...)
		}
		return a.pdu(q.id, status, int64(min(1, status)), list)
	}
	if a.d.beyond(view, q) {
		return nil
	}
	if a.d.tooBig(q) {
		return echo(statusTooBig)
	}
	switch q.kind {
	case pduGet, pduGetNext, pduGetBulk:
		list, fits := a.collect(view, q, a.d.replyLimit()-over-32)
		if !fits {
			return echo(statusTooBig)
		}
		return a.pdu(q.id, 0, 0, list)
	case pduSet:
		return echo(statusNotWritable)
	}
	return nil
}

func (a *agent) pdu(id, status, index int64, list []byte) []byte {
	if a.d.fault(SNMPWrongID) {
		id++
	}
	return tlv(pduResponse, berInt(tagInteger, id), berInt(tagInteger, status), berInt(tagInteger, index), tlv(tagSequence, list))
}

// collect gathers the variables of one answer, at most room bytes. A GETBULK
// that does not fit is shortened; anything else that does not fit says so.
func (a *agent) collect(view *mib, q request, room int) ([]byte, bool) {
	now := a.d.net.opt.Now()
	var list []byte
	put := func(o oid, v []byte) bool {
		bind := tlv(tagSequence, berOID(o), v)
		if len(list)+len(bind) > room {
			return false
		}
		list = append(list, bind...)
		return true
	}
	step := func(o oid) (oid, []byte) {
		r, ok := a.d.after(view, o)
		if !ok {
			return o, []byte{tagEndOfMIB, 0}
		}
		return r.oid, r.at(now)
	}
	if q.kind == pduGet {
		for _, o := range q.wanted {
			v := []byte{tagNoSuchInstance, 0}
			if r, ok := view.get(o); ok {
				v = r.at(now)
			}
			if !put(o, v) {
				return nil, false
			}
		}
		return list, true
	}
	non, reps := len(q.wanted), 0
	if q.kind == pduGetBulk {
		non, reps = min(max(int(q.non), 0), len(q.wanted)), max(int(min(q.max, 1<<20)), 0)
	}
	for _, o := range q.wanted[:non] {
		if !put(step(o)) {
			return nil, false
		}
	}
	cols := append([]oid(nil), q.wanted[non:]...)
	for range reps {
		ended := true
		for i, o := range cols {
			next, v := step(o)
			if !put(next, v) {
				return list, len(list) > 0
			}
			cols[i] = next
			ended = ended && v[0] == tagEndOfMIB
		}
		if ended {
			break
		}
	}
	return list, true
}

// view is what a context shows: all, or the bridge tables of one VLAN.
func (d *Device) view(context string) *mib {
	d.mu.Lock()
	all := d.tables
	d.mu.Unlock()
	if context == "" {
		return all
	}
	if d.Platform() != "cisco_iosxe" {
		return nil
	}
	id, err := strconv.Atoi(strings.TrimPrefix(context, "vlan-"))
	if err != nil {
		return nil
	}
	if id == 1 && d.Kind() == netdev.Switch {
		return d.context(1)
	}
	for _, v := range siteVLANs(d.site) {
		if v.id == id && d.Kind() == netdev.Switch {
			return d.context(id)
		}
	}
	return nil
}
