package web

import (
	"context"
	"net/netip"
	"net/url"
	"time"

	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// keptByController is the word, in the place of a backup's state, of a device
// whose configuration its wireless controller keeps: nothing is missing.
const keptByController = "controller"

// addressText is "" where there is no address.
func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// managedStates say who manages a device and since when it is not listed, or
// how many access points the device manages itself.
func (s *Server) managedStates(ctx context.Context, l loaded, now time.Time) ([]stateView, error) {
	m := l.row.Managed
	if l.row.ByController() {
		out := []stateView{{"t-info", "controller", "managed by " + said(m.Name), deviceHref(m.Controller, "facts")}}
		if !m.Missing.IsZero() {
			out = append(out, stateView{"t-warn", "clock", "not listed by it since " + when{m.Missing, now}.Short() + " UTC", deviceHref(l.row.ID, "facts")})
		}
		return out, nil
	}
	if l.row.Kind != netdev.WirelessController && len(l.facts.AccessPoints) == 0 {
		return nil, nil
	}
	all, err := s.Inventory.Devices(ctx)
	n := 0
	for _, d := range all {
		if d.Managed.Controller == l.row.ID {
			n++
		}
	}
	if n == 0 {
		return nil, err
	}
	return []stateView{{"t-info", "access-point", plural(n, "access point", "access points"), "/devices?q=" + url.QueryEscape("controller:"+string(l.row.ID))}}, err
}

// managedFacts is what a controller says of an access point; of the time of
// its list tells the head of the card.
func managedFacts(d deviceRow) []factView {
	m, by := d.Managed, said(d.Managed.Name)
	var out []factView
	for _, f := range []struct {
		label, value string
		mono         bool
	}{
		{"Managed by", m.Name, false}, {"State there", m.State, false}, {"MAC", string(m.MAC), true}, {"Location", m.Location, false},
		{"Address", addressText(d.Address), true},
	} {
		if f.value != "" {
			out = append(out, factView{Label: f.label, Value: said(f.value), Source: by, Mono: f.mono})
		}
	}
	return append(out, factView{Label: "Configuration", Value: "kept by its controller", Source: by})
}

// managedWhy says how an access point is known, and for how long that is true.
func managedWhy(d deviceRow, now time.Time) []whyView {
	m := d.Managed
	because := "it listed it among its access points " + when{m.Listed, now}.Age() + "; nothing is sent to the access point itself"
	if !m.Missing.IsZero() {
		because += "; its complete list of " + when{m.Missing, now}.Short() + " UTC lacks it"
	}
	return []whyView{{"managed by", said(m.Name), because}}
}

// uplinks are the links of a device that tells of no neighbours itself.
func uplinks(id netdev.DeviceID, links []topology.Link) []neighbor {
	var out []neighbor
	for _, k := range links {
		near, far := k.A, k.B
		switch id {
		case k.A.ID:
		case k.B.ID:
			near, far = k.B, k.A
		default:
			continue
		}
		out = append(out, neighbor{Neighbor: netdev.Neighbor{LocalPort: near.Port, SysName: far.Device, PortID: far.Port}, Far: &far, Link: &k})
	}
	return out
}
