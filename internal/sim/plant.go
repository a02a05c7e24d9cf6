package sim

import (
	"slices"
	"strings"
)

// plant puts lines into the running configuration for the faults that are
// about what a text says; they are part of the truth until weed.
func (d *Device) plant(f Fault, p Params) {
	var lines []string
	switch f {
	case OwnPrompt:
		prompt := newSession(d, nil, nil, nil)
		prompt.privileged = true
		lines = strings.Split(prompt.cli.prompt(prompt), "\n")
	case ForeignPrompt:
		lines = []string{map[string]string{"cisco": "other-switch#", "juniper": "admin@other-router> ", "fortinet": "other-wall # "}[d.Vendor()]}
	case PromptLike:
		lines = map[string][]string{
			"cisco":    {"!", "vlan 77", " name <noc@example.net>", "vlan 78", " name lab#"},
			"juniper":  {"/* <noc@example.net> */", "/* lab# */"},
			"fortinet": {"config system object-tagging", "    edit \"<noc@example.net>\"", "    next", "    edit \"lab#", " # \"", "    next", "end"},
		}[d.Vendor()]
	default:
		return
	}
	if len(d.body) == 0 {
		return
	}
	at := min(int(float64(len(d.body))*p.share()), len(d.body)-1)
	for f == PromptLike && at > 0 && strings.HasPrefix(d.body[at], " ") {
		at-- // between sections
	}
	d.body = slices.Concat(d.body[:at], lines, d.body[at:])
	d.planted = append(d.planted, lines...)
}

// weed takes out what plant put in.
func (d *Device) weed() {
	for _, l := range d.planted {
		if i := slices.Index(d.body, l); i >= 0 {
			d.body = slices.Delete(slices.Clone(d.body), i, i+1)
		}
	}
	d.planted = nil
}
