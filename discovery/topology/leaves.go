package topology

import (
	"fmt"
	"slices"

	"github.com/plumbline-net/plumbline/netdev"
)

// leaves joins access points of which no discovery protocol tells with the one
// edge port where a forwarding table shows them. Alone on its port one is
// proven to hang there; beside others it is only the likely reading, since
// something that is not managed may join them.
func (b *builder) leaves(brs []*bridge) {
	joined := map[int]bool{}
	for _, d := range b.drafts {
		if d.layer == "l2" && !d.gone {
			joined[d.a.dev], joined[d.b.dev] = true, true
		}
	}
	linked := b.linked()
	own, _ := b.ownMACs()
	for _, ap := range b.x.devices {
		if !ap.Managed || joined[ap.at] {
			continue
		}
		var at *bridge
		var port string
		found := 0
		for _, br := range brs {
			p, ok := br.sees(ap)
			if !ok {
				continue
			}
			leads, _ := br.dev.behind(br.ends[p])
			if leads || linked[portOf(br.ends[p])] || slices.ContainsFunc(br.ports[p], func(m netdev.MAC) bool { return own[m] }) {
				continue
			}
			at, port = br, p
			found++
		}
		if found != 1 {
			continue
		}
		word, c, others := "fdb", 0.8, len(at.ports[port])-1
		if others > 0 {
			word, c = "fdb-probable", 0.45
		}
		d, _ := b.draft("l2", at.ends[port], end{dev: ap.at})
		d.words[word] = c
		d.notes = append(d.notes, fmt.Sprintf("its MAC is on this edge port alone, with %d others behind it", others))
		d.rows = append(d.rows, EvidenceRow{Device: at.dev.ID, Table: "fdb", Time: at.dev.Facts.Taken,
			Row: fmt.Sprintf("%s: MAC of %s", b.x.show(at.ends[port]).Port, ap.label)})
	}
}
