package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// tabListView is a tab that is a list, with what stands above it.
type tabListView struct {
	page
	Head    deviceHead
	Heading string
	Note    string
	Chips   []facetItem
	Front   *frontView
	Hops    *hopsView
	Table   tableView
}

func (s *Server) tabPage(c echo.Context, v *tabListView) func(tableView) error {
	return func(t tableView) error {
		v.Table = t
		v.Area, v.Live = "/devices", "device,job,config"
		return s.render(c, http.StatusOK, "device-list", v)
	}
}

const ethernet = 6 // ethernetCsmacd, IANAifType

// port is an interface and what is behind it.
type port struct {
	netdev.Interface
	Behind *topology.End
}

func (p port) name() string { return said(cmp.Or(p.Name, p.Descr)) }

func (p port) state() string {
	if p.Admin == "down" {
		return "disabled"
	}
	return cmp.Or(p.Oper, "unknown")
}

func (s *Server) deviceInterfaces(c echo.Context) error {
	l, err := s.load(c, netdev.DeviceID(c.Param("id")), "interfaces")
	if err != nil {
		return err
	}
	links, err := s.Inventory.Links(c.Request().Context())
	if err != nil {
		return err
	}
	all := ports(l, links)
	v := &tabListView{page: page{Title: l.head.Name + ", interfaces"}, Head: l.head, Heading: "Interfaces"}
	state, kind := c.QueryParam("state"), c.QueryParam("kind")
	shown := slices.DeleteFunc(slices.Clone(all), func(p port) bool {
		return state != "" && p.state() != state || kind == "physical" && p.Type != ethernet || kind == "logical" && p.Type == ethernet
	})
	v.Chips = portChips(c, all)
	v.Front = front(all)
	return answer(c, portList(shown), s.tabPage(c, v))
}

// ports joins interfaces with the far ends of this device's links.
func ports(l loaded, links []topology.Link) []port {
	behind := map[string]topology.End{}
	for _, k := range links {
		switch l.row.ID {
		case k.A.ID:
			behind[k.A.Port] = k.B
		case k.B.ID:
			behind[k.B.Port] = k.A
		}
	}
	var out []port
	for _, i := range l.facts.Interfaces {
		p := port{Interface: i}
		for _, name := range []string{i.Name, i.Descr} {
			if e, ok := behind[name]; ok && name != "" {
				p.Behind = &e
			}
		}
		out = append(out, p)
	}
	return out
}

func portChips(c echo.Context, all []port) []facetItem {
	path, q := c.Request().URL.Path, c.QueryParams()
	q.Del("after")
	var out []facetItem
	add := func(key, value string, n int) {
		on := c.QueryParam(key) == value
		to := value
		if on {
			to = ""
		}
		if n > 0 || on {
			out = append(out, facetItem{Label: value, Count: n, On: on, Href: with(path, q, key, to)})
		}
	}
	physical := 0
	states := map[string]int{}
	for _, p := range all {
		physical += b2i(p.Type == ethernet)
		states[p.state()]++
	}
	add("kind", "physical", physical)
	add("kind", "logical", len(all)-physical)
	for _, k := range byCount(states) {
		add("state", k, states[k])
	}
	for i := range out {
		out[i].Label = said(out[i].Label)
	}
	return out
}

func portTone(p port) (tone, icon string) {
	switch p.state() {
	case "up":
		return "t-ok", "circle-check"
	case "disabled":
		return "t-idle", "dash"
	case "down", "lowerLayerDown", "notPresent", "dormant":
		return "t-idle", "circle-x"
	}
	return "t-idle", "unknown"
}

func portList(rows []port) list[port] {
	return list[port]{
		Name: "interfaces", Caption: "Interfaces", Rows: rows, Default: "index",
		ID:    func(p port) string { return num(int(p.Index)) },
		Empty: empty{Icon: "inventory", Title: "No interface", Text: "The interface table was not read, or no row matches."},
		Columns: []column[port]{
			{Key: "name", Head: "Port", Less: func(a, b port) int { return netdev.CompareNames(a.name(), b.name()) }, Cell: func(p port) cell {
				tone, icon := portTone(p)
				return cell{Text: orDash(p.name()), Tone: tone, Icon: icon, Mono: true}
			}},
			{Key: "state", Head: "State", Less: func(a, b port) int { return strings.Compare(a.state(), b.state()) }, Cell: func(p port) cell { return cell{Text: said(p.state()), Soft: true} }},
			{Key: "description", Head: "Description", Cell: func(p port) cell { return cell{Text: orDash(said(p.Alias)), Soft: true, Cut: true} }},
			{Key: "speed", Head: "Speed", End: true, Less: func(a, b port) int { return cmp.Compare(a.SpeedBPS, b.SpeedBPS) }, Cell: func(p port) cell { return cell{Text: speed(p.SpeedBPS), Value: p.SpeedBPS} }},
			{Key: "mtu", Head: "MTU", End: true, Less: func(a, b port) int { return cmp.Compare(a.MTU, b.MTU) }, Cell: func(p port) cell { return cell{Text: numOrDash(p.MTU), Soft: true, Value: p.MTU} }},
			{Key: "mac", Head: "MAC", Cell: func(p port) cell { return cell{Text: orDash(said(string(p.MAC))), Mono: true, Soft: true} }},
			{Key: "behind", Head: "Behind it", Cell: func(p port) cell {
				if p.Behind == nil {
					return cell{Text: "–", Soft: true}
				}
				cl := cell{Text: strings.TrimSpace(said(p.Behind.Device) + " " + said(p.Behind.Port))}
				if p.Behind.ID != "" {
					cl.Href = deviceHref(p.Behind.ID, "interfaces")
				}
				return cl
			}},
			{Key: "index", Head: "Index", End: true, Less: func(a, b port) int { return cmp.Compare(a.Index, b.Index) }, Cell: func(p port) cell { return cell{Text: num(int(p.Index)), Soft: true, Value: p.Index} }},
		},
	}
}

func numOrDash(n int) string {
	if n == 0 {
		return "–"
	}
	return num(n)
}

// deviceNeighbors lists what the device's discovery protocols tell.
func (s *Server) deviceNeighbors(c echo.Context) error {
	l, err := s.load(c, netdev.DeviceID(c.Param("id")), "neighbors")
	if err != nil {
		return err
	}
	links, err := s.Inventory.Links(c.Request().Context())
	if err != nil {
		return err
	}
	var rows []neighbor
	for _, n := range l.facts.Neighbors {
		row := neighbor{Neighbor: n}
		for _, k := range links {
			if k.A.ID == l.row.ID && k.A.Port == n.LocalPort {
				row.Far, row.Link = &k.B, &k
			} else if k.B.ID == l.row.ID && k.B.Port == n.LocalPort {
				row.Far, row.Link = &k.A, &k
			}
		}
		rows = append(rows, row)
	}
	v := &tabListView{page: page{Title: l.head.Name + ", neighbours"}, Head: l.head, Heading: "Neighbours",
		Note: "As the device itself tells. A link is made when a device of the inventory matches by its identity."}
	if l.row.ByController() && len(rows) == 0 {
		rows = uplinks(l.row.ID, links)
		v.Note = "As the devices at the other ends tell: the access point itself is not asked."
	}
	if v.Hops, err = s.hops(c, l.row.ID); err != nil {
		return err
	}
	return answer(c, neighborList(rows), s.tabPage(c, v))
}

type neighbor struct {
	netdev.Neighbor
	Far  *topology.End
	Link *topology.Link
}

func neighborList(rows []neighbor) list[neighbor] {
	return list[neighbor]{
		Name: "neighbors", Caption: "Neighbours", Rows: rows, Default: "port",
		ID:    func(n neighbor) string { return n.Protocol + n.LocalPort + n.ChassisID + n.PortID },
		Empty: empty{Icon: "topology", Title: "No neighbour is told", Text: "The device tells none by LLDP or a like protocol, or the table was not read."},
		Columns: []column[neighbor]{
			{Key: "port", Head: "Port", Less: func(a, b neighbor) int { return netdev.CompareNames(a.LocalPort, b.LocalPort) }, Cell: func(n neighbor) cell { return cell{Text: orDash(said(n.LocalPort)), Mono: true} }},
			{Key: "name", Head: "Neighbour", Less: func(a, b neighbor) int { return netdev.CompareNames(a.SysName, b.SysName) }, Cell: func(n neighbor) cell {
				if n.Far != nil && n.Far.ID != "" {
					return cell{Text: said(n.Far.Device), Href: deviceHref(n.Far.ID, "neighbors")}
				}
				return cell{Text: orDash(said(cmp.Or(n.SysName, n.ChassisID)))}
			}},
			{Key: "remote_port", Head: "Its port", Cell: func(n neighbor) cell {
				if n.Far != nil && n.Far.Port != "" {
					return cell{Text: said(n.Far.Port), Mono: true}
				}
				return cell{Text: orDash(said(cmp.Or(n.PortID, n.PortDescr))), Mono: true}
			}},
			{Key: "protocol", Head: "Protocol", Cell: func(n neighbor) cell { return cell{Text: said(n.Protocol), Soft: true} }},
			{Key: "evidence", Head: "Evidence", Cell: func(n neighbor) cell {
				if n.Link == nil {
					return cell{Text: "not in the inventory", Tone: "t-info", Icon: "plus", Pill: true, Href: "/discovery/candidates"}
				}
				return cell{Text: said(strings.Join(n.Link.Evidence, ", ")), Mono: true, Value: n.Link.Evidence}
			}},
			{Key: "confidence", Head: "Confidence", End: true, Cell: func(n neighbor) cell {
				if n.Link == nil {
					return cell{Text: "–", Soft: true}
				}
				return cell{Text: percent(n.Link.Confidence), Value: n.Link.Confidence}
			}},
			{Key: "chassis_id", Head: "Chassis", Cell: func(n neighbor) cell { return cell{Text: orDash(said(n.ChassisID)), Mono: true, Soft: true} }},
			{Key: "description", Head: "Says", Cell: func(n neighbor) cell {
				return cell{Text: orDash(said(cmp.Or(n.SysDescr, n.Platform))), Soft: true, Cut: true}
			}},
		},
	}
}

func percent(f float64) string { return num(int(f*100+.5)) + "%" }

// happening is one thing on a device's line of time.
type happening struct {
	At     when
	Kind   string
	Text   string
	Tone   string
	Icon   string
	Href   string
	Reason netdev.Reason
	key    string
}

// deviceEvents lists attempts and revisions, newest first.
func (s *Server) deviceEvents(c echo.Context) error {
	l, err := s.load(c, netdev.DeviceID(c.Param("id")), "events")
	if err != nil {
		return err
	}
	now := s.Now()
	var rows []happening
	for _, a := range newestFirst(l.attempts) {
		e := happening{At: when{cmp.Or(a.Ended, a.Started), now}, Kind: "backup", key: "a" + a.ID, Reason: a.Reason,
			Text: said(string(a.Source)) + " " + said(string(a.Outcome)), Tone: "t-ok", Icon: "circle-check"}
		if a.Outcome == configstore.Failed || a.Outcome == configstore.PartialText {
			e.Tone, e.Icon, _ = reasonLook(a.Reason)
			e.Text += ": " + said(a.Detail)
		} else if a.Revision != "" && !strings.HasPrefix(string(a.Source), "command:") {
			// Of what a command prints the newest text alone is kept.
			e.Href = revisionHref(a.Revision)
		}
		rows = append(rows, e)
	}
	for _, r := range slices.Concat(l.running, l.startup) {
		text := said(string(r.Source)) + " changed"
		if r.Seq <= 1 {
			text = said(string(r.Source)) + " first kept"
		}
		rows = append(rows, happening{At: when{r.FirstSeen, now}, Kind: "revision", Text: text, Tone: "t-info", Icon: "changes", Href: revisionHref(r.ID), key: "r" + string(r.ID)})
	}
	rows = append(rows, happening{At: when{l.row.FirstSeen, now}, Kind: "inventory", Text: strings.TrimSuffix("first seen at "+addressText(l.row.Address), " at "), Tone: "t-info", Icon: "discovery", key: "f"})
	v := &tabListView{page: page{Title: l.head.Name + ", events"}, Head: l.head, Heading: "Events"}
	return answer(c, eventList(rows), s.tabPage(c, v))
}

func eventList(rows []happening) list[happening] {
	return list[happening]{
		Name: "events", Caption: "Events, newest first", Rows: rows, Default: "-time", ID: func(e happening) string { return e.key },
		Columns: []column[happening]{
			{Key: "time", Head: "Time", Less: func(a, b happening) int { return a.At.T.Compare(b.At.T) }, Cell: func(e happening) cell { return cell{When: &e.At, Soft: true} }},
			{Key: "kind", Head: "Kind", Cell: func(e happening) cell { return cell{Text: e.Kind, Soft: true} }},
			{Key: "what", Head: "What", Cell: func(e happening) cell { return cell{Text: e.Text, Tone: e.Tone, Icon: e.Icon, Href: e.Href} }},
			{Key: "reason", Head: "Reason", Cell: func(e happening) cell { return cell{Text: orDash(said(string(e.Reason))), Mono: true, Soft: true} }},
		},
	}
}
