package snmp

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/plumbline-net/plumbline/netdev"
)

// Error statuses of RFC 3416 §3.
const (
	tooBig      = 1
	noSuchName  = 2
	genErr      = 5
	noAccess    = 6
	authorError = 16
)

// refused deals with an error of the whole request. It is never the end of a
// table: the same is asked again smaller, until one column alone fails. It
// says whether the group is to be asked again at once.
func (w *walker) refused(group []*column, q *request, p pdu) bool {
	s := w.s
	if p.status == noSuchName && s.login.Version == netdev.SNMPv1 {
		// RFC 1157 §4.1.3: the end of the view, for the column of the index.
		k := p.index - 1
		if k < 0 || k >= len(group) {
			k = 0
		}
		group[k].done = true
		return false
	}
	if p.status == authorError || p.status == noAccess {
		w.stop(w.cols, netdev.AuthFailed, "the agent denies access")
		return false
	}
	switch {
	case q.tag == pduGetBulk && q.b > 1:
		w.reps = s.size.shrink(q.b, len(group), true)
		return true
	case len(group) > 1:
		w.width = max(1, len(group)/2)
		return false // the next round asks in smaller groups
	case q.tag == pduGetBulk:
		group[0].alone = true
		return true
	}
	c := group[0]
	c.done, c.reason = true, netdev.BadPacket
	c.detail = fmt.Sprintf("%s behind %s", statusName(p.status), FormatOID(c.last))
	return false
}

func statusName(status int) string {
	switch status {
	case tooBig:
		return "tooBig"
	case noSuchName:
		return "noSuchName"
	case genErr:
		return "genErr"
	}
	return fmt.Sprintf("error-status %d", status)
}

// take enters an answer. It says whether to go on with the table.
func (w *walker) take(group []*column, q *request, p pdu) bool {
	moved := false
	n := 0
	for r := (reader{p.binds}); len(r.b) > 0; n++ {
		b, err := nextBind(&r)
		if err != nil {
			break
		}
		c := group[n%len(group)]
		if c.done {
			continue
		}
		if w.enter(c, b) {
			moved = true
		}
	}
	w.binds += n
	if !moved {
		for _, c := range group {
			if !c.done {
				c.done, c.reason, c.detail = true, netdev.BadPacket, "an answer without a binding for it"
			}
		}
	}
	if q.tag == pduGetBulk {
		w.reps = w.cap(w.s.size.grow(q.b, len(group), n/len(group), len(p.binds)))
	}
	return true
}

// enter puts one binding into its row. It says whether the column moved on or
// came to its end.
func (w *walker) enter(c *column, b bind) bool {
	if Type(b.tag) == EndOfMibView || !bytes.HasPrefix(b.name, c.prefix) || len(b.name) == len(c.prefix) {
		c.done = true
		// Behind the end lies something greater; anything else is a loop that
		// left the table, such as an agent that starts over.
		if Type(b.tag) != EndOfMibView {
			if full, ok := appendArcs(nil, b.name); !ok || slices.Compare(full, c.last) <= 0 {
				c.reason, c.detail = netdev.OIDLoop, fmt.Sprintf("%s after %s", FormatOID(full), FormatOID(c.last))
			}
		}
		return true
	}
	suffix := b.name[len(c.prefix):]
	full, ok := appendSuffix(append(make([]uint32, 0, len(c.base)+len(suffix)), c.base...), suffix)
	if !ok {
		c.done, c.reason, c.detail = true, netdev.BadPacket, "an OID that is none"
		return true
	}
	if slices.Compare(full, c.last) <= 0 {
		c.done, c.reason, c.detail = true, netdev.OIDLoop, fmt.Sprintf("%s after %s", FormatOID(full), FormatOID(c.last))
		return true
	}
	c.last = full
	if t := Type(b.tag); t == NoSuchObject || t == NoSuchInstance {
		return true
	}
	if w.each != nil {
		if !w.each(Varbind{OID: FormatOID(full), Value: b.value()}) {
			c.done = true
		}
		return true
	}
	at, known := w.byIndex[string(suffix)]
	if !known {
		at = len(w.rows)
		w.byIndex[string(suffix)] = at
		w.rows = append(w.rows, Row{Index: full[len(c.base):], Cells: make([]Value, len(w.cols))})
	}
	w.rows[at].Cells[c.at] = b.value()
	return true
}
