package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/search"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

// Search asks the masked texts of the devices that the query means, in the
// order of their names. Devices and Reader of the request are filled in here.
func (a *Appliance) Search(ctx context.Context, req configstore.SearchRequest, found func(configstore.SearchHit) error) (configstore.SearchSum, error) {
	devices, err := a.DB.Devices(ctx)
	if err != nil {
		return configstore.SearchSum{}, err
	}
	if len(req.Query.Devices) > 0 {
		meant, err := discovery.Where(whereOf(req.Query.Devices))
		if err != nil {
			return configstore.SearchSum{}, fmt.Errorf("%w: %w", configstore.ErrNoSuchChoice, err)
		}
		devices = slices.DeleteFunc(devices, func(d netdev.Device) bool { return !meant(d) })
	}
	slices.SortFunc(devices, func(x, y netdev.Device) int {
		if n := strings.Compare(x.Name, y.Name); n != 0 {
			return n
		}
		return strings.Compare(string(x.ID), string(y.ID))
	})
	req.Devices, req.Reader = devices, a.Reader
	return a.Store.Search(ctx, req, found)
}

// whereOf writes the words about devices as the choice of devices of every
// command. That splits at blanks: ? stands for one.
func whereOf(filters []search.Filter) string {
	var words []string
	for _, f := range filters {
		w := f.Key + ":" + strings.NewReplacer(" ", "?", "\t", "?").Replace(f.Value)
		if f.Not {
			w = "not:" + w
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
