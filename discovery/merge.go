package discovery

import (
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// devices makes one of the answers that are the same device: the lowest
// address stays and the others become its aliases, each with what agreed.
func devices(answers []Found) []Found {
	answers = slices.Clone(answers)
	slices.SortFunc(answers, func(a, b Found) int { return a.Facts.Address.Compare(b.Facts.Address) })
	var out []Found
	at := map[int]int{} // what Same calls it → place in out
	for i, who := range Same(nil, answers) {
		f := answers[i]
		k, ok := at[who]
		if !ok {
			at[who] = len(out)
			out = append(out, f)
			continue
		}
		g := &out[k]
		g.Aliases = append(g.Aliases, f.Facts.Address)
		g.Identity.Why = append(slices.Clip(g.Identity.Why), netdev.Why{
			Field: "alias", Value: f.Facts.Address.String(), Because: "one device: " + agreement(KeysOf(*g), KeysOf(f)),
		})
	}
	return out
}

// agreement names the keys that two answers share.
func agreement(a, b Keys) string {
	var words []string
	for _, k := range []struct{ name, a, b string }{
		{"serial", a.Serial, b.Serial}, {"engine id", a.Engine, b.Engine}, {"chassis address", a.Chassis, b.Chassis},
	} {
		if k.a != "" && k.a == k.b {
			words = append(words, k.name+" "+k.a)
		}
	}
	if len(words) == 0 {
		return "joined by a third address"
	}
	return strings.Join(words, ", ")
}
