package main

import (
	"fmt"
	"io"
	"math"
	"net/netip"
	"text/tabwriter"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/spf13/cobra"
)

// discovered is the document of `discover --json`.
type discovered struct {
	Scanned  int                `json:"scanned"`
	Answered int                `json:"answered"`
	Silent   int                `json:"silent"`
	Refused  int                `json:"refused"`
	Seconds  float64            `json:"seconds"`
	Devices  []discoveredDevice `json:"devices"`
	// AccessPoints are those that controllers among the devices list; none of
	// them was asked.
	AccessPoints []discoveredAP       `json:"access_points,omitempty"`
	Links        []discoveredLink     `json:"links"`
	Errors       []discovery.RunError `json:"errors"`
	Aliases      []discovery.Alias    `json:"aliases,omitempty"`
	Sent         int64                `json:"sent"`
	Received     int64                `json:"received"`
	Varbinds     int64                `json:"varbinds"`
	Incomplete   netdev.Reason        `json:"incomplete,omitempty"`
}

type discoveredDevice struct {
	Address    netip.Addr        `json:"address"`
	Aliases    []netip.Addr      `json:"aliases,omitempty"`
	Name       string            `json:"name,omitempty"`
	Vendor     string            `json:"vendor,omitempty"`
	Platform   netdev.PlatformID `json:"platform,omitempty"`
	OS         string            `json:"os,omitempty"`
	Kind       netdev.Kind       `json:"kind,omitempty"`
	Model      string            `json:"model,omitempty"`
	Version    string            `json:"version,omitempty"`
	Serial     string            `json:"serial,omitempty"`
	Interfaces *int              `json:"interfaces,omitempty"`
	Neighbors  *int              `json:"neighbors,omitempty"`
	SysDescr   string            `json:"sys_descr,omitempty"`
	SysObject  string            `json:"sys_object_id,omitempty"`
	SysName    string            `json:"sys_name,omitempty"`
	Credential string            `json:"credential"`
	Site       string            `json:"site,omitempty"`
}

type discoveredAP struct {
	netdev.ManagedAP
	Controller string `json:"controller"`
}

type discoveredLink struct {
	A          linkEnd  `json:"a"`
	B          linkEnd  `json:"b"`
	Layer      string   `json:"layer"`
	Evidence   []string `json:"evidence"`
	Confidence float64  `json:"confidence"`
	Because    string   `json:"because,omitempty"`
}

type linkEnd struct {
	Device string     `json:"device"`
	Port   string     `json:"port,omitempty"`
	MAC    netdev.MAC `json:"mac,omitempty"`
}

func discoverDocument(rep discovery.Report, req discovery.Request) discovered {
	n := rep.Counters
	d := discovered{
		Scanned: n.Total, Answered: n.Answered, Silent: n.Silent, Refused: n.Refused,
		Seconds: math.Round(rep.Duration.Seconds()*1000) / 1000,
		Devices: []discoveredDevice{}, Links: []discoveredLink{}, Errors: rep.Errors, Aliases: rep.Aliases,
		Sent: n.Sent, Received: n.Received, Varbinds: n.Varbinds, Incomplete: rep.Incomplete,
	}
	if d.Errors == nil {
		d.Errors = []discovery.RunError{}
	}
	for _, f := range rep.Found {
		i := f.Identity
		dev := discoveredDevice{
			Address: f.Facts.Address, Aliases: f.Aliases, Name: i.Name, Vendor: i.Vendor, Platform: i.Platform, OS: i.OS, Kind: i.Kind,
			Model: i.Model, Version: i.Version, Serial: i.Serial, SysDescr: f.Facts.SysDescr, SysObject: f.Facts.SysObjectID,
			SysName: f.Facts.SysName, Credential: f.Credential, Site: f.Site,
		}
		if !req.SweepOnly {
			ifs, neighbours := len(f.Facts.Interfaces), len(f.Facts.Neighbors)
			dev.Interfaces, dev.Neighbors = &ifs, &neighbours
		}
		d.Devices = append(d.Devices, dev)
		for _, ap := range f.Facts.AccessPoints {
			d.AccessPoints = append(d.AccessPoints, discoveredAP{ap, i.Name})
		}
	}
	for _, l := range rep.Graph.Links {
		d.Links = append(d.Links, discoveredLink{
			A: endOf(l.A), B: endOf(l.B), Layer: l.Layer, Evidence: l.Evidence, Confidence: l.Confidence, Because: l.Because,
		})
	}
	return d
}

func endOf(e topology.End) linkEnd { return linkEnd{Device: e.Device, Port: e.Port, MAC: e.MAC} }

// printReport is the text of `discover` for people.
func printReport(w io.Writer, rep discovery.Report) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	if len(rep.Found) > 0 {
		fmt.Fprintln(tw, "ADDRESS\tNAME\tKIND\tPLATFORM\tMODEL\tVERSION\tSERIAL\tIFS\tNEIGHBOURS")
	}
	for _, f := range rep.Found {
		i := f.Identity
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\n", f.Facts.Address, cell(i.Name), i.Kind, cell(string(i.Platform)),
			cell(i.Model), cell(i.Version), cell(i.Serial), len(f.Facts.Interfaces), len(f.Facts.Neighbors))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	tw = tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for k, l := range rep.Graph.Links {
		if k == 0 {
			fmt.Fprint(tw, "\nLINK\t\tLAYER\tCONFIDENCE\tBECAUSE\n")
		}
		fmt.Fprintf(tw, "%s %s\t%s %s\t%s\t%.2f\t%s\n", cell(l.A.Device), cell(l.A.Port), cell(l.B.Device), cell(l.B.Port), l.Layer, l.Confidence, cell(l.Because))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	n := rep.Counters
	_, err := fmt.Fprintf(w, "\n%d addresses: %d answered, %d silent, %d refused; %d devices, %d links, %d errors; %d datagrams sent, %d received; %.1f s\n",
		n.Total, n.Answered, n.Silent, n.Refused, len(rep.Found), len(rep.Graph.Links), len(rep.Errors), n.Sent, n.Received, rep.Duration.Seconds())
	return err
}

// cell is text of a device in a table: safe, short, never empty.
func cell(s string) string {
	const most = 60
	if s == "" {
		return "-"
	}
	r := []rune(printable(s))
	if len(r) > most {
		r = append(r[:most-1], '…')
	}
	return string(r)
}

func printPlan(c *cobra.Command, s *discovery.Scanner, req discovery.Request, asJSON bool) error {
	p, err := s.Plan(req)
	if err != nil {
		return ownFault(err)
	}
	if asJSON {
		return printJSON(c, p)
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "%d addresses, %d outside of every scope; at most %d datagrams while nobody answers\n", p.Addresses, p.NotAsked, p.Datagrams)
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, e := range p.Credentials {
		fmt.Fprintf(tw, "%s\tSNMP version %s\t%d addresses\n", cell(e.Name), e.Version, e.Addresses)
	}
	return tw.Flush()
}
