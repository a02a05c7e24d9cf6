package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

// uplinkOnly is the confidence of a place that is known by ports towards other
// devices alone: it is somewhere behind them.
const uplinkOnly = 0.3

// locateView answers where an end system is, in one sentence.
type locateView struct {
	Sentence string
	MAC      string
	Address  string
	Tone     string
	Icon     string
	Level    string
	Because  string
	Port     string // what is known of the port
	Alias    string
	Href     string
	Now      bool
	Since    when
	Last     when
}

// locate says of each MAC that was found where it is, or where it was last. An
// address or a MAC of a device needs no answer of this kind.
func (s *Server) locate(ctx context.Context, f found) ([]locateView, error) {
	var out []locateView
	seen := map[netdev.MAC]bool{}
	for _, p := range f.Places {
		if seen[p.MAC] {
			continue
		}
		seen[p.MAC] = true
		v, err := s.locateOne(ctx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (s *Server) locateOne(ctx context.Context, p discovery.Place) (locateView, error) {
	now := s.Now()
	v := locateView{MAC: string(p.MAC), Now: p.Until.IsZero(), Because: said(p.Because), Href: deviceHref(p.Device, "interfaces"),
		Since: when{p.Since, now}, Last: when{p.LastSeen, now}, Sentence: sentenceOf(p, when{p.Since, now}, when{p.LastSeen, now})}
	if p.Address.IsValid() {
		v.Address = p.Address.String()
	}
	v.Tone, v.Icon, v.Level = "t-warn", "warn", "confidence "+percent(p.Confidence)
	switch {
	case !v.Now:
		v.Tone, v.Icon, v.Level = "t-idle", "history", "not seen now"
	case p.Confidence >= 0.9:
		v.Tone, v.Icon = "t-ok", "circle-check"
	}
	facts, _, err := s.Inventory.Facts(ctx, p.Device)
	if err != nil {
		return v, err
	}
	if i := slices.IndexFunc(facts.Interfaces, func(i netdev.Interface) bool { return cmp.Or(i.Name, i.Descr) == p.Port }); i >= 0 {
		in := facts.Interfaces[i]
		v.Port, v.Alias = said(in.Oper), said(in.Alias)
		if in.SpeedBPS > 0 {
			v.Port += fmt.Sprintf(", %g Gbit/s", float64(in.SpeedBPS)/1e9)
		}
	}
	return v, nil
}

// sentenceOf is the whole answer: device, port, VLAN, since, confidence.
func sentenceOf(p discovery.Place, since, last when) string {
	where := "On "
	switch {
	case !p.Until.IsZero():
		where = "Not seen now. Last on "
	case p.Confidence <= uplinkOnly:
		where = "Somewhere behind "
	}
	where += said(p.Name) + ", port " + said(p.Port)
	if p.VLAN > 0 {
		where += ", VLAN " + strconv.Itoa(p.VLAN)
	}
	if !p.Until.IsZero() {
		return where + ", until " + last.Short() + "."
	}
	return where + ", since " + since.Short() + ", confidence " + percent(p.Confidence) + "."
}

// placesPage answers GET /search/places?q=: where a MAC or an address is and
// has been; without one, where everything is now.
func (s *Server) placesPage(c echo.Context) error {
	q := strings.TrimSpace(c.QueryParam("q"))
	var places []discovery.Place
	var err error
	v := &listView{page: page{Title: "End systems", Area: "/search"}, Heading: "End systems", Note: "MACs that are no device's own, at the port where forwarding tables show them."}
	if q == "" {
		places, err = s.Inventory.Hosts(c.Request().Context())
	} else {
		v.Title, v.Heading = "Where it has been", "Where it has been"
		places, err = s.Inventory.FindHost(c.Request().Context(), q)
	}
	if err != nil {
		return err
	}
	v.Sub = plural(len(places), "place", "places")
	return answer(c, s.placeList(places), s.listPage(c, v))
}

func (s *Server) placeList(rows []discovery.Place) list[discovery.Place] {
	now := s.Now()
	return list[discovery.Place]{
		Name: "places", Caption: "Places, newest first", Rows: rows, Default: "-from",
		ID: func(p discovery.Place) string {
			return string(p.MAC) + " " + strconv.FormatInt(p.Since.UnixNano(), 10) + " " + string(p.Device) + " " + p.Port
		},
		Empty: empty{Icon: "host", Title: "No end system is known", Text: "They are found in the forwarding tables of switches.", Href: "/discovery", Action: "Discover"},
		Columns: []column[discovery.Place]{
			{Key: "mac", Head: "MAC", Less: func(a, b discovery.Place) int { return cmp.Compare(a.MAC, b.MAC) }, Cell: func(p discovery.Place) cell {
				return cell{Text: string(p.MAC), Mono: true, Href: "/search?q=" + segment(string(p.MAC))}
			}},
			{Key: "address", Head: "Address", Less: func(a, b discovery.Place) int { return a.Address.Compare(b.Address) }, Cell: func(p discovery.Place) cell {
				if !p.Address.IsValid() {
					return cell{Text: "–", Soft: true}
				}
				return cell{Text: p.Address.String(), Mono: true}
			}},
			{Key: "device", Head: "Device", Less: func(a, b discovery.Place) int { return netdev.CompareNames(a.Name, b.Name) }, Cell: func(p discovery.Place) cell {
				return cell{Text: said(p.Name), Href: deviceHref(p.Device, "interfaces")}
			}},
			{Key: "port", Head: "Port", Less: func(a, b discovery.Place) int { return netdev.CompareNames(a.Port, b.Port) }, Cell: func(p discovery.Place) cell { return cell{Text: orDash(said(p.Port)), Mono: true} }},
			{Key: "vlan", Head: "VLAN", End: true, Less: func(a, b discovery.Place) int { return cmp.Compare(a.VLAN, b.VLAN) }, Cell: func(p discovery.Place) cell {
				if p.VLAN == 0 {
					return cell{Text: "–", Soft: true}
				}
				return cell{Text: strconv.Itoa(p.VLAN), Value: p.VLAN}
			}},
			{Key: "confidence", Head: "Confidence", End: true, Less: func(a, b discovery.Place) int { return cmp.Compare(a.Confidence, b.Confidence) }, Cell: func(p discovery.Place) cell {
				return cell{Text: percent(p.Confidence), Value: p.Confidence}
			}},
			{Key: "from", Head: "From", End: true, Less: func(a, b discovery.Place) int { return a.Since.Compare(b.Since) }, Cell: func(p discovery.Place) cell { return cell{When: &when{p.Since, now}, Soft: true} }},
			{Key: "to", Head: "To", End: true, Less: func(a, b discovery.Place) int { return a.Until.Compare(b.Until) }, Cell: func(p discovery.Place) cell {
				if p.Until.IsZero() {
					return cell{Text: "now", Tone: "t-ok", Icon: "circle-check"}
				}
				return cell{When: &when{p.Until, now}, Soft: true}
			}},
			{Key: "last_seen", Head: "Last seen", End: true, Less: func(a, b discovery.Place) int { return a.LastSeen.Compare(b.LastSeen) }, Cell: func(p discovery.Place) cell {
				return cell{When: &when{p.LastSeen, now}, Soft: true}
			}},
		},
	}
}
