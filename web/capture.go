package web

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
)

// Capture is what pages read of listening on the wire.
type Capture interface {
	Sightings(ctx context.Context) ([]discovery.Sighting, error)
	// Listening tells of each interface on which the appliance should listen.
	Listening() []Listening
}

// Listening is one interface on which the appliance should listen.
type Listening struct {
	Interface string
	At        string    // DEVICE:PORT whose mirrored frames it gets; "": its own wire
	Since     time.Time // zero: it does not listen
	Fault     string    // why it does not, or why nothing is kept
	Frames    uint64    // that said something
	Forgotten uint64    // senders for which there was no room
}

// listenView is an interface with its state in words.
type listenView struct {
	Interface, At    string
	Tone, Icon, Word string
	Since            when
	Fault            string
	Frames           string
	Forgotten        string
}

func (s *Server) listenViews() []listenView {
	var out []listenView
	for _, l := range s.Capture.Listening() {
		v := listenView{Interface: said(l.Interface), At: said(l.At), Since: when{l.Since, s.Now()}, Fault: said(l.Fault), Frames: num(int(l.Frames)), Tone: "t-ok", Icon: "circle-check", Word: "listening"}
		if l.Forgotten > 0 {
			v.Forgotten = plural(int(l.Forgotten), "sender", "senders")
		}
		switch {
		case l.Since.IsZero():
			v.Tone, v.Icon, v.Word = "t-warn", "warn", "not listening"
		case l.Fault != "":
			v.Tone, v.Icon, v.Word = "t-warn", "warn", "listening, nothing is kept"
		}
		out = append(out, v)
	}
	return out
}

// captureView is the page of what was heard on the wire.
type captureView struct {
	page
	Sub     string
	Listen  []listenView
	Table   tableView
	Filters []facetItem
}

// heardRest is the word for senders that announce nothing of themselves.
const heardRest = "rest"

// capturePage answers GET /capture: who was heard on the wire, and what that
// proves.
func (s *Server) capturePage(c echo.Context) error {
	all, err := s.Capture.Sightings(c.Request().Context())
	if err != nil {
		return err
	}
	v := &captureView{page: page{Title: "Heard on the wire", Area: "/discovery", Live: "capture"}, Listen: s.listenViews()}
	show, verdict := c.QueryParam("show"), topology.Verdict(c.QueryParam("proves"))
	rows := slices.DeleteFunc(slices.Clone(all), func(x discovery.Sighting) bool { return x.Announces == (show == heardRest) })
	v.Filters = []facetItem{
		{Label: "devices that announce themselves", Count: len(all) - countOf(all, false), On: show != heardRest, Href: "/capture"},
		{Label: "other senders", Count: countOf(all, false), On: show == heardRest, Href: with("/capture", nil, "show", heardRest)},
	}
	if show != heardRest {
		counts := map[string]int{}
		for _, x := range rows {
			counts[string(x.Verdict)]++
		}
		for _, k := range slices.Sorted(maps.Keys(counts)) {
			on := topology.Verdict(k) == verdict
			v.Filters = append(v.Filters, facetItem{Label: proofWord(topology.Verdict(k)), Count: counts[k], On: on, Href: with("/capture", nil, "proves", map[bool]string{false: k}[on])})
		}
		if verdict != "" {
			rows = slices.DeleteFunc(rows, func(x discovery.Sighting) bool { return x.Verdict != verdict })
		}
	}
	v.Sub = plural(len(rows), "sender", "senders") + ". A frame proves who is at the other end of its own wire, and nothing about anybody else. Nothing is sent."
	l := s.sightingList(rows)
	return answer(c, l, func(t tableView) error {
		v.Table = t
		return s.render(c, http.StatusOK, "capture", v)
	})
}

func countOf(all []discovery.Sighting, announces bool) int {
	n := 0
	for _, x := range all {
		if x.Announces == announces {
			n++
		}
	}
	return n
}

// proofWord says in words what an announcement proves.
func proofWord(v topology.Verdict) string {
	words := map[topology.Verdict]string{topology.EndOfWire: "other end of the wire", topology.Stranger: "not in the inventory", topology.Itself: "the port's own device",
		topology.SeenThrough: "passed on by something between", topology.SharedWire: "several on one wire", topology.Nearby: "same broadcast domain",
		topology.Contradicts: "contradicts a walk", topology.Silent: "stale"}
	return cmp.Or(words[v], said(string(v)))
}

// proofLook is how a page marks what an announcement proves.
func proofLook(v topology.Verdict) (tone, icon string) {
	switch v {
	case topology.EndOfWire:
		return "t-ok", "circle-check"
	case topology.Stranger:
		return "t-info", "plus"
	case topology.Contradicts:
		return "t-bad", "circle-x"
	case topology.SharedWire:
		return "t-warn", "warn"
	}
	return "t-idle", "dash"
}

func sightingHref(id int64) string { return "/capture/heard/" + strconv.FormatInt(id, 10) }

// nearOf says where a frame was heard.
func nearOf(x discovery.Sighting) cell {
	if x.Near.ID == "" {
		return cell{Text: "this appliance", Muted: said(x.Near.Port)}
	}
	return cell{Text: said(cmp.Or(x.Near.Device, string(x.Near.ID))), Muted: said(x.Near.Port), Href: deviceHref(x.Near.ID, "interfaces")}
}

func (s *Server) sightingList(rows []discovery.Sighting) list[discovery.Sighting] {
	now := s.Now()
	name := func(x discovery.Sighting) string {
		return said(cmp.Or(x.Says.SysName, x.Says.ChassisID, string(x.SourceMAC), "without a name"))
	}
	return list[discovery.Sighting]{
		Name: "sightings", Caption: "Heard on the wire", Rows: rows, Default: "-last_heard", ID: func(x discovery.Sighting) string { return strconv.FormatInt(x.ID, 10) },
		Empty: empty{Icon: "discovery", Title: "Nothing was heard", Text: "Name interfaces under capture in the settings, or read a file with plumbline capture --save.", Href: "/help/discovery", Action: "How to listen"},
		Columns: []column[discovery.Sighting]{
			{Key: "name", Head: "Says it is", Less: func(a, b discovery.Sighting) int { return strings.Compare(name(a), name(b)) }, Cell: func(x discovery.Sighting) cell {
				return cell{Text: name(x), Href: sightingHref(x.ID), Cut: true}
			}},
			{Key: "port", Head: "Its port", Cell: func(x discovery.Sighting) cell {
				return cell{Text: orDash(said(cmp.Or(x.Far.Port, x.Says.PortID))), Mono: true, Cut: true}
			}},
			{Key: "protocol", Head: "By", Less: func(a, b discovery.Sighting) int { return strings.Compare(a.Protocol, b.Protocol) }, Cell: func(x discovery.Sighting) cell { return cell{Text: said(x.Protocol), Soft: true} }},
			{Key: "heard_at", Head: "Heard at", Cell: nearOf},
			{Key: "proves", Head: "Proves", Cell: func(x discovery.Sighting) cell {
				if !x.Announces {
					return cell{Text: "–", Soft: true, Value: ""}
				}
				tone, icon := proofLook(x.Verdict)
				return cell{Text: proofWord(x.Verdict), Tone: tone, Icon: icon, Pill: true, Value: x.Verdict}
			}},
			{Key: "device", Head: "Device", Cell: func(x discovery.Sighting) cell {
				switch {
				case x.Far.ID != "":
					return cell{Text: said(x.Far.Device), Href: deviceHref(x.Far.ID, "facts")}
				case x.Candidate != "":
					return cell{Text: "candidate", Href: candidateHref(x.Candidate)}
				}
				return cell{Text: "–", Soft: true}
			}},
			{Key: "source_mac", Head: "From", Cell: func(x discovery.Sighting) cell { return cell{Text: orDash(said(string(x.SourceMAC))), Mono: true} }},
			{Key: "vlan", Head: "VLAN", End: true, Cell: func(x discovery.Sighting) cell { return cell{Text: numOrDash(x.VLAN), Value: x.VLAN, Soft: true} }},
			{Key: "frames", Head: "Frames", End: true, Less: func(a, b discovery.Sighting) int { return cmp.Compare(a.Frames, b.Frames) }, Cell: func(x discovery.Sighting) cell {
				return cell{Text: num(x.Frames), Value: x.Frames, Soft: true}
			}},
			{Key: "since", Head: "Since", End: true, Less: func(a, b discovery.Sighting) int { return a.Since.Compare(b.Since) }, Cell: func(x discovery.Sighting) cell {
				return cell{When: &when{x.Since, now}, Soft: true}
			}},
			{Key: "last_heard", Head: "Last heard", End: true, Less: func(a, b discovery.Sighting) int { return a.Time.Compare(b.Time) }, Cell: func(x discovery.Sighting) cell {
				return cell{When: &when{x.Time, now}, Soft: true}
			}},
		},
	}
}

// sightingView is one sender: what its latest frame said, word for word, and
// what that proves.
type sightingView struct {
	page
	Name, Protocol   string
	Tone, Icon, Word string
	Because          string
	Stale            bool
	Facts, Frame     []factView
	Device           *panelLink
	Candidate        string
}

func (s *Server) sightingPage(c echo.Context) error {
	all, err := s.Capture.Sightings(c.Request().Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x discovery.Sighting) bool { return strconv.FormatInt(x.ID, 10) == c.Param("id") })
	if i < 0 {
		return echo.NewHTTPError(http.StatusNotFound, "That sender is not remembered (any more).")
	}
	x, now := all[i], s.Now()
	v := &sightingView{Name: said(cmp.Or(x.Says.SysName, x.Says.ChassisID, string(x.SourceMAC), "Sender without a name")), Protocol: said(x.Protocol), Because: said(x.Because), Facts: frameFacts(x), Stale: x.Expired(now)}
	v.page = page{Title: v.Name, Area: "/discovery"}
	v.Tone, v.Icon = proofLook(x.Verdict)
	if v.Word = proofWord(x.Verdict); !x.Announces {
		v.Word = "announces nothing of itself"
	}
	near := nearOf(x)
	hold := "not said"
	if x.Hold > 0 {
		hold = span(x.Hold)
	}
	v.Frame = []factView{{Label: "Heard at", Value: strings.TrimSpace(near.Text + " " + near.Muted)}, {Label: "Listener", Value: said(x.Via), Mono: true}, {Label: "Source MAC", Value: orDash(said(string(x.SourceMAC))), Mono: true},
		{Label: "VLAN", Value: numOrDash(x.VLAN)}, {Label: "First heard", Value: when{x.Since, now}.Age()}, {Label: "Last heard", Value: when{x.Time, now}.Age()}, {Label: "Valid for", Value: hold}, {Label: "Frames", Value: num(x.Frames)}}
	if x.Far.ID != "" {
		v.Device = &panelLink{Text: strings.TrimSpace(said(x.Far.Device) + " " + said(x.Far.Port)), Href: deviceHref(x.Far.ID, "interfaces")}
	}
	if x.Candidate != "" {
		v.Candidate = candidateHref(x.Candidate)
	}
	return s.render(c, http.StatusOK, "sighting", v)
}

// frameFacts are the words of the latest frame, by the names of `plumbline
// capture`.
func frameFacts(x discovery.Sighting) []factView {
	var out []factView
	for _, name := range slices.Sorted(maps.Keys(x.Facts)) {
		text := ""
		switch f := x.Facts[name].(type) {
		case []any:
			var parts []string
			for _, p := range f {
				parts = append(parts, fmt.Sprint(p))
			}
			text = strings.Join(parts, ", ")
		case []string:
			text = strings.Join(f, ", ")
		case float64: // of JSON; facts are whole numbers
			text = strconv.FormatInt(int64(f), 10)
		default:
			text = fmt.Sprint(f)
		}
		out = append(out, factView{Label: said(name), Value: orDash(said(text)), Mono: true})
	}
	return out
}
