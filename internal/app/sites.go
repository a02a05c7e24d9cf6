package app

import (
	"context"
	"slices"

	"github.com/plumbline-net/plumbline/discovery/target"
)

// knownSites are the sites that people named by their prefixes, and those of a
// simulated network.
func (w *work) knownSites(ctx context.Context) ([]target.Site, error) {
	rows, err := w.a.DB.SitePrefixes(ctx)
	if err != nil {
		return nil, err
	}
	sites := slices.Clone(w.sites)
	for _, r := range rows {
		i := slices.IndexFunc(sites, func(s target.Site) bool { return s.Name == r.Site })
		if i < 0 {
			i = len(sites)
			sites = append(sites, target.Site{Name: r.Site})
		}
		sites[i].Prefixes = append(slices.Clone(sites[i].Prefixes), r.Prefix)
	}
	return sites, nil
}
