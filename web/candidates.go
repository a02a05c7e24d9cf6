package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// openCandidates counts the neighbours about which nobody decided, which is
// how many the list shows.
func (s *Server) openCandidates(ctx context.Context) (int, error) {
	all, err := s.Inventory.Candidates(ctx)
	return len(inState(all, discovery.CandidateOpen)), err
}

func inState(all []discovery.Candidate, state discovery.CandidateState) []discovery.Candidate {
	return slices.DeleteFunc(slices.Clone(all), func(c discovery.Candidate) bool { return c.State != state })
}

func candidateStates() []discovery.CandidateState {
	return []discovery.CandidateState{discovery.CandidateOpen, discovery.CandidateAccepted, discovery.CandidateIgnored}
}

// stateOf takes a word of the list; what is none means open.
func stateOf(word string) discovery.CandidateState {
	if s := discovery.CandidateState(word); slices.Contains(candidateStates(), s) {
		return s
	}
	return discovery.CandidateOpen
}

// candidates answers GET /discovery/candidates: neighbours that no device
// matches, those that were ignored apart.
func (s *Server) candidates(c echo.Context) error {
	all, err := s.Inventory.Candidates(c.Request().Context())
	if err != nil {
		return err
	}
	state := stateOf(c.QueryParam("state"))
	rows := inState(all, state)
	v := &listView{page: page{Title: "Neighbours not in the inventory", Area: "/discovery", Live: "device"}, Heading: "Neighbours not in the inventory",
		Sub: plural(len(rows), "neighbour", "neighbours"), Note: "A neighbour is told by an unauthenticated protocol: it is listed, and gets no packet and no credential until you accept it."}
	for _, st := range candidateStates() {
		value := string(st)
		if st == discovery.CandidateOpen {
			value = ""
		}
		on := st == state
		if n := len(inState(all, st)); n > 0 || on {
			v.Filters = append(v.Filters, facetItem{Label: string(st), Count: n, On: on, Href: with("/discovery/candidates", nil, "state", map[bool]string{false: value}[on])})
		}
	}
	l := s.candidateList(rows)
	if len(all) > 0 {
		l.Empty = empty{Icon: "circle-check", Title: "Nothing is " + string(state), Text: "Of each other neighbour it was decided.", Href: "/discovery", Action: "Discovery"}
	}
	return answer(c, l, s.listPage(c, v))
}

func candidateHref(id string) string { return "/discovery/candidates/" + segment(id) }

func addressesOf(c discovery.Candidate) string {
	var out []string
	for _, a := range c.Addresses {
		out = append(out, a.String())
	}
	return said(strings.Join(out, ", ")) // a zone of an address is a text of the device
}

func (s *Server) candidateList(rows []discovery.Candidate) list[discovery.Candidate] {
	now := s.Now()
	title := func(c discovery.Candidate) string {
		return said(cmp.Or(c.Name, c.ChassisID, addressesOf(c), "without a name"))
	}
	return list[discovery.Candidate]{
		Name: "candidates", Caption: "Neighbours not in the inventory", Rows: rows, Default: "-since", ID: func(c discovery.Candidate) string { return c.ID },
		Empty: empty{Icon: "circle-check", Title: "Every neighbour is known", Text: "Each one that a device tells of is in the inventory.", Href: "/topology", Action: "See the links"},
		Columns: []column[discovery.Candidate]{
			{Key: "name", Head: "Says it is", Less: func(a, b discovery.Candidate) int { return netdev.CompareNames(title(a), title(b)) }, Cell: func(c discovery.Candidate) cell {
				return cell{Text: title(c), Href: candidateHref(c.ID)}
			}},
			{Key: "device", Head: "Told by", Cell: func(c discovery.Candidate) cell {
				if len(c.Told) == 0 {
					return cell{Text: "nobody now", Soft: true}
				}
				cl := cell{Text: orDash(said(c.Told[0].Device)), Muted: said(c.Told[0].Port)}
				switch first := c.Told[0]; {
				case first.Sighting != 0:
					cl.Href = sightingHref(first.Sighting)
				case first.ID != "":
					cl.Href = deviceHref(first.ID, "neighbors")
				}
				if n := len(c.Told) - 1; n > 0 {
					cl.Muted += ", and " + plural(n, "more row", "more rows")
				}
				return cl
			}},
			{Key: "protocol", Head: "By", Cell: func(c discovery.Candidate) cell {
				var by []string
				for _, t := range c.Told {
					by = append(by, said(t.Protocol))
				}
				slices.Sort(by)
				return cell{Text: orDash(strings.Join(slices.Compact(by), ", ")), Soft: true}
			}},
			{Key: "chassis_id", Head: "Chassis", Cell: func(c discovery.Candidate) cell { return cell{Text: orDash(said(c.ChassisID)), Mono: true} }},
			{Key: "addresses", Head: "Address", Cell: func(c discovery.Candidate) cell { return cell{Text: orDash(addressesOf(c)), Mono: true} }},
			{Key: "what", Head: "Describes itself", Cell: func(c discovery.Candidate) cell { return cell{Text: orDash(said(c.What)), Soft: true, Cut: true} }},
			{Key: "state", Head: "State", Cell: func(c discovery.Candidate) cell {
				cl := cell{Text: string(c.State), Soft: true}
				if c.By != "" {
					cl.Muted = "by " + said(c.By)
				}
				return cl
			}},
			{Key: "since", Head: "Since", End: true, Less: func(a, b discovery.Candidate) int { return a.FirstSeen.Compare(b.FirstSeen) }, Cell: func(c discovery.Candidate) cell {
				return cell{When: &when{c.FirstSeen, now}, Soft: true}
			}},
			{Key: "last_seen", Head: "Last told", End: true, Less: func(a, b discovery.Candidate) int { return a.LastSeen.Compare(b.LastSeen) }, Cell: func(c discovery.Candidate) cell {
				return cell{When: &when{c.LastSeen, now}, Soft: true}
			}},
		},
	}
}

// candidateView is one neighbour: who told what of it, and what accepting it
// would send where.
type candidateView struct {
	page
	ID, Name, Chassis, What string
	State, By               string
	Decided, Since, Last    when
	Run                     string
	Told                    []toldView
	Heard                   []heardView
	Addresses               []addressView
	CanEdit                 bool
	Error                   string
}

type toldView struct {
	Device, Href, Port, Protocol, Name, Chassis, PortID, Reason string
	Addresses                                                   string
	Since                                                       when
}

// heardView is what a frame said that told of a candidate.
type heardView struct {
	Where, Href string
	Facts       []factView
}

type addressView struct {
	Address string
	Plan    *planView
	Error   string
}

// candidatePage answers GET /discovery/candidates/{id}. It sends nothing.
func (s *Server) candidatePage(c echo.Context) error {
	cand, err := s.Inventory.Candidate(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return s.showCandidate(c, http.StatusOK, cand, "")
}

func (s *Server) showCandidate(c echo.Context, status int, cand discovery.Candidate, fault string) error {
	now := s.Now()
	v := &candidateView{ID: cand.ID, Name: said(cmp.Or(cand.Name, cand.ChassisID, "Neighbour without a name")), Chassis: orDash(said(cand.ChassisID)), What: orDash(said(cand.What)),
		State: string(cand.State), By: said(cand.By), Decided: when{cand.Decided, now}, Since: when{cand.FirstSeen, now}, Last: when{cand.LastSeen, now},
		CanEdit: viewerOf(c).Can(auth.InventoryEdit), Error: fault}
	v.page = page{Title: v.Name, Area: "/discovery"}
	if cand.Run != "" {
		v.Run = "/discovery/" + segment(string(cand.Run))
	}
	for _, t := range cand.Told {
		row := toldView{Device: orDash(said(t.Device)), Port: orDash(said(t.Port)), Protocol: orDash(said(t.Protocol)), Name: orDash(said(t.SysName)), Chassis: orDash(said(t.ChassisID)),
			PortID: orDash(said(t.PortID)), Reason: said(t.Reason), Addresses: orDash(addressesOf(discovery.Candidate{Addresses: t.Addresses})), Since: when{t.Since, now}}
		switch {
		case t.Sighting != 0:
			row.Href = sightingHref(t.Sighting)
		case t.ID != "":
			row.Href = deviceHref(t.ID, "neighbors")
		}
		v.Told = append(v.Told, row)
	}
	if err := s.heardOf(c.Request().Context(), v, cand); err != nil {
		return err
	}
	for _, a := range cand.Addresses {
		row := addressView{Address: said(a.String())}
		plan, err := s.Runner.Plan(c.Request().Context(), DiscoveryRequest{Targets: []string{a.String()}})
		if err != nil {
			row.Error = sentence(err)
		} else {
			row.Plan = newPlanView(plan)
		}
		v.Addresses = append(v.Addresses, row)
	}
	return s.render(c, status, "candidate", v)
}

const heardShown = 8 // frames of one candidate

// heardOf adds the words of the frames that told of a candidate.
func (s *Server) heardOf(ctx context.Context, v *candidateView, cand discovery.Candidate) error {
	if !slices.ContainsFunc(cand.Told, func(t discovery.Told) bool { return t.Sighting != 0 }) {
		return nil
	}
	all, err := s.Capture.Sightings(ctx)
	if err != nil {
		return err
	}
	for _, x := range all {
		if len(v.Heard) < heardShown && slices.ContainsFunc(cand.Told, func(t discovery.Told) bool { return t.Sighting == x.ID }) {
			near := nearOf(x)
			v.Heard = append(v.Heard, heardView{Where: said(x.Protocol) + " heard at " + strings.TrimSpace(near.Text+" "+near.Muted), Href: sightingHref(x.ID), Facts: frameFacts(x)})
		}
	}
	return nil
}

var (
	errNoAddress  = errors.New("it told no such address: name one that it told, or discover the range where it is")
	errNotIgnored = errors.New("it was not ignored")
)

// accept starts a discovery of exactly one address that a candidate told,
// because a person said so. An address alone is chosen without being named.
func (s *Server) accept(ctx context.Context, by, id, address string) (discovery.Candidate, discovery.RunID, error) {
	cand, err := s.Inventory.Candidate(ctx, id)
	if err != nil {
		return cand, "", err
	}
	a, err := netip.ParseAddr(address)
	if address == "" && len(cand.Addresses) == 1 {
		a, err = cand.Addresses[0], nil
	}
	if err != nil || !slices.Contains(cand.Addresses, a) {
		return cand, "", errNoAddress
	}
	run, err := s.Runner.StartDiscovery(ctx, by, DiscoveryRequest{Targets: []string{a.String()}})
	if err != nil {
		return cand, "", err
	}
	return cand, run, s.Inventory.DecideCandidate(ctx, id, discovery.CandidateAccepted, by, run)
}

func (s *Server) acceptCandidate(c echo.Context) error {
	cand, run, err := s.accept(c.Request().Context(), viewerOf(c).User, c.Param("id"), c.FormValue("address"))
	if err != nil {
		if cand.ID == "" || run != "" {
			return err
		}
		return s.showCandidate(c, http.StatusUnprocessableEntity, cand, sentence(err))
	}
	return c.Redirect(http.StatusSeeOther, "/discovery/"+segment(string(run)))
}

func (s *Server) ignoreCandidate(c echo.Context) error {
	if err := s.Inventory.DecideCandidate(c.Request().Context(), c.Param("id"), discovery.CandidateIgnored, viewerOf(c).User, ""); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/discovery/candidates")
}

// restore takes an ignored candidate back.
func (s *Server) restore(ctx context.Context, by, id string) error {
	cand, err := s.Inventory.Candidate(ctx, id)
	if err != nil {
		return err
	}
	if cand.State != discovery.CandidateIgnored {
		return errNotIgnored
	}
	return s.Inventory.DecideCandidate(ctx, id, discovery.CandidateOpen, by, "")
}

func (s *Server) restoreCandidate(c echo.Context) error {
	switch err := s.restore(c.Request().Context(), viewerOf(c).User, c.Param("id")); {
	case errors.Is(err, errNotIgnored):
		return echo.NewHTTPError(http.StatusConflict, sentence(err))
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, candidateHref(c.Param("id")))
}
