package drift

import (
	"fmt"
	"time"
)

// Judging is one look at the texts of one source of one device.
type Judging struct {
	At         time.Time
	By         string // who moved a reference; "" for a reading
	Note       string
	Revision   string
	References map[Kind]string // the kinds that were judged, and against which revision; "" for the known one
}

// Judge moves what is kept of a device to what is seen of it now: what is seen
// opens, or opens again; what is not seen any more is resolved. Findings of
// kinds that were not judged stay as they are. It gives the findings that were
// touched and the edges they went along.
func Judge(kept, seen []Finding, j Judging) (rows []Finding, edges []Edge, err error) {
	was := make(map[ID]Finding, len(kept))
	for _, k := range kept {
		was[k.ID] = k
	}
	there := make(map[ID]bool, len(seen))
	for _, f := range seen {
		ref, judged := j.References[f.Kind]
		if !judged || there[f.ID] {
			return nil, nil, fmt.Errorf("finding %.80q of kind %q: its kind was not judged, or it is there twice", f.Key, f.Kind)
		}
		there[f.ID] = true
		k, ok := was[f.ID]
		if !ok {
			k = Finding{ID: f.ID}
		}
		k, e, err := k.Step(Event{What: Seen, At: j.At, By: j.By, Note: j.Note, Change: f.Change, Reference: known(f.Reference, ref), Revision: j.Revision})
		if err != nil {
			return nil, nil, err
		}
		rows, edges = append(rows, k), append(edges, e...)
	}
	for _, k := range kept {
		ref, judged := j.References[k.Kind]
		if !judged || there[k.ID] || !k.Live() {
			continue
		}
		k, e, err := k.Step(Event{What: Gone, At: j.At, By: j.By, Note: j.Note, Reference: ref, Revision: j.Revision})
		if err != nil {
			return nil, nil, err
		}
		rows, edges = append(rows, k), append(edges, e...)
	}
	return rows, edges, nil
}
