package sweep

import (
	"net/netip"

	"github.com/plumbline-net/plumbline/netdev"
)

// Plan is what a sweep may send, told before anything is sent.
type Plan struct {
	Addresses   int         `json:"addresses"`
	NotAsked    int         `json:"not_asked"` // no credential's scope holds them
	Datagrams   int         `json:"datagrams"` // at most, while nobody answers
	Credentials []PlanEntry `json:"credentials"`
}

// PlanEntry is one credential and how many addresses it may be shown to.
type PlanEntry struct {
	Name      string             `json:"name"`
	Version   netdev.SNMPVersion `json:"version"`
	Addresses int                `json:"addresses"`
}

// PlanOf counts addresses by credential.
func PlanOf(targets Targets, creds []netdev.Credential, site func(netip.Addr) string, tries int) (Plan, error) {
	lad, err := newLadder(creds, site)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Addresses: targets.Len(), Credentials: []PlanEntry{}}
	count := map[*rung]int{}
	for i := range targets.Len() {
		engine, best, n := lad.steps(targets.At(i))
		if n == 0 {
			p.NotAsked++
		}
		questions := 0
		if engine {
			questions++
		}
		for _, r := range best[:n] {
			count[r]++
			if r.probe != nil {
				questions++
			}
		}
		p.Datagrams += questions * tries
	}
	for i := range lad.rungs {
		r := &lad.rungs[i]
		p.Credentials = append(p.Credentials, PlanEntry{Name: r.cred.Name, Version: r.cred.SNMP.Version, Addresses: count[r]})
	}
	return p, nil
}
