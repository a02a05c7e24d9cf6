package snmp

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

const recordSuffix = ".snmprec"

var _ Agent = (*Record)(nil)

// OpenRecord reads the recording at path and, beside it, those of its
// contexts: walk@12.snmprec is context 12 of walk.snmprec. Where only contexts
// were recorded, the first of them speaks for the device.
func OpenRecord(path string) (*Record, error) {
	base, isRecord := strings.CutSuffix(path, recordSuffix)
	rec, err := readFile(path)
	alone := errors.Is(err, fs.ErrNotExist)
	if err != nil && (!alone || !isRecord) {
		return nil, err
	}
	if !isRecord {
		return rec, nil
	}
	siblings, globErr := contextsOf(base)
	if globErr != nil || (alone && len(siblings) == 0) {
		return nil, errors.Join(err, globErr)
	}
	for _, name := range siblings {
		c, err := readFile(base + "@" + name + recordSuffix)
		if err != nil {
			return nil, err
		}
		if rec == nil {
			first := *c
			rec = &first
		}
		if rec.contexts == nil {
			rec.contexts = map[string]*Record{}
		}
		rec.contexts[name] = c
	}
	return rec, nil
}

func contextsOf(base string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(base))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name, ok := strings.CutPrefix(e.Name(), filepath.Base(base)+"@")
		if !ok {
			continue
		}
		if name, ok = strings.CutSuffix(name, recordSuffix); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

func readFile(path string) (*Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadRecord(f)
}

// Contexts lists the contexts that were recorded, sorted.
func (r *Record) Contexts() []string {
	names := make([]string, 0, len(r.contexts))
	for n := range r.contexts {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// InContext implements Agent.
func (r *Record) InContext(name string) Agent {
	if c := r.contexts[name]; c != nil {
		return c
	}
	return &Record{}
}

// Get implements Agent.
func (r *Record) Get(ctx context.Context, oids ...OID) ([]Varbind, error) {
	if err := ctx.Err(); err != nil {
		return nil, &netdev.OpError{Reason: netdev.Cancelled, Op: "get", Err: err}
	}
	out := make([]Varbind, len(oids))
	for i, o := range oids {
		out[i].OID = o
		arcs, ok := ParseOID(o)
		if !ok {
			continue
		}
		if at := r.find(arcs); at < len(r.vars) && slices.Equal(r.oid(at), arcs) {
			out[i].Value = r.vars[at].val
		}
	}
	return out, nil
}

// Table implements Agent. A table of which nothing was recorded is absent: a
// recording holds only what somebody asked for.
func (r *Record) Table(ctx context.Context, columns ...OID) Table {
	if err := ctx.Err(); err != nil {
		return Table{Coverage: netdev.Partial, Reason: netdev.Cancelled}
	}
	type column struct{ at, end, skip int }
	cols := make([]column, len(columns))
	longest := 0
	for i, c := range columns {
		arcs, ok := ParseOID(c)
		if !ok {
			continue
		}
		at := r.find(arcs)
		end := at
		for end < len(r.vars) && hasPrefix(r.oid(end), arcs) {
			end++
		}
		if at < end && len(r.oid(at)) == len(arcs) {
			at++ // a value at the column itself is in no row
		}
		cols[i] = column{at: at, end: end, skip: len(arcs)}
		longest = max(longest, end-at)
	}
	rows := make([]Row, 0, longest)
	var cells []Value
	for {
		var least []uint32
		for _, c := range cols {
			if c.at < c.end {
				if idx := r.oid(c.at)[c.skip:]; least == nil || slices.Compare(idx, least) < 0 {
					least = idx
				}
			}
		}
		if least == nil {
			return Table{Rows: rows, Coverage: coverageOf(len(rows))}
		}
		if len(cells) < len(cols) {
			cells = make([]Value, max(len(cols), len(cols)*min(longest, 1024)))
		}
		row := Row{Index: least, Cells: cells[:len(cols):len(cols)]}
		cells = cells[len(cols):]
		for i := range cols {
			if c := &cols[i]; c.at < c.end && slices.Equal(r.oid(c.at)[c.skip:], least) {
				row.Cells[i] = r.vars[c.at].val
				c.at++
			}
		}
		rows = append(rows, row)
	}
}
