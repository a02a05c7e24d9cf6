package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery/topology"
)

// mapData is what the canvas draws. Rows are arrays, not objects:
//
//	nodes   [id, x, y, kind, role, state, site, label, fold, count, name, glyph]
//	links   [a, b, speed, kind, state, evidence, confidence, port of a, port of b, key, path, name]
//	blocks  [x, y, w, h, title, sub, address]
//	gutters [block a, block b, wires, path]
//
// site is an index into blocks; a, b and fold are indexes into nodes, fold -1
// where a node is drawn itself; speed is bit/s, 0 where it is not told.
type mapData struct {
	ETag    string            `json:"etag"`
	Width   int               `json:"width"`
	Height  int               `json:"height"`
	Nodes   [][]any           `json:"nodes"`
	Links   [][]any           `json:"links"`
	Blocks  [][]any           `json:"blocks"`
	Gutters [][]any           `json:"gutters"`
	Glyphs  map[string]string `json:"glyphs"`
}

// topologyData answers GET /topology/data.
func (s *Server) topologyData(c echo.Context) error {
	m, err := s.atlas(c.Request().Context(), mapFilterOf(c))
	if err != nil {
		return err
	}
	d := m.data()
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	d.ETag = hex.EncodeToString(sum[:8])
	tag := `"` + d.ETag + `"`
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Add("Vary", "Cookie")
	for _, have := range strings.Split(c.Request().Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(have), "W/") == tag {
			return c.NoContent(http.StatusNotModified)
		}
	}
	if b, err = json.Marshal(d); err != nil {
		return err
	}
	h.Add("Vary", "Accept-Encoding")
	if len(b) < packFrom || !strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		return c.Blob(http.StatusOK, "application/json", b)
	}
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := z.Write(b); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	h.Set("Content-Encoding", "gzip")
	return c.Blob(http.StatusOK, "application/json", small.Bytes())
}

const packFrom = 8 << 10 // bytes: less is sent as it is

func (m *atlas) data() mapData {
	d := mapData{Width: m.lay.Width, Height: m.lay.Height, Nodes: [][]any{}, Links: [][]any{}, Blocks: [][]any{}, Gutters: [][]any{}, Glyphs: map[string]string{}}
	degree := m.degrees()
	for i, p := range m.lay.Spots {
		g := kindIcon(p.Kind)
		d.Glyphs[g] = glyph(g)
		d.Nodes = append(d.Nodes, []any{p.ID, p.X, p.Y, p.Kind, p.Tier.String(), m.state(i), p.Block, p.Label, p.Fold, p.Count, m.nodeName(i, degree[i]), g})
	}
	for i, w := range m.lay.Wires {
		l := m.links[i]
		a, b := l.A, l.B
		if m.lay.Spots[w.From].ID != a.ID {
			a, b = b, a
		}
		d.Links = append(d.Links, []any{w.From, w.To, 0, l.Layer, linkState(l), evidenceWords(l), l.Confidence, said(a.Port), said(b.Port), w.Key, w.Path, linkName(l)})
	}
	for _, b := range m.lay.Blocks {
		d.Blocks = append(d.Blocks, []any{b.X, b.Y, b.W, b.H, blockTitle(b), blockSub(b), siteHref(b.Site)})
	}
	for _, g := range m.lay.Gutters {
		d.Gutters = append(d.Gutters, []any{g.A, g.B, g.Wires, g.Path})
	}
	return d
}

// degrees counts the links of every spot.
func (m *atlas) degrees() []int {
	n := make([]int, len(m.lay.Spots))
	for _, w := range m.lay.Wires {
		for _, i := range []int{w.From, w.To} {
			n[i]++
			if f := m.lay.Spots[i].Fold; f >= 0 {
				n[f]++
			}
		}
	}
	return n
}

// nodeName is what is said of a node: "ber-core-01, switch, 8 links, 2 rules
// fail", or "14 switches, counted as one, 28 links, trouble on 2".
func (m *atlas) nodeName(i, links int) string {
	p := m.lay.Spots[i]
	if p.Count == 0 {
		parts := append([]string{p.Label, said(string(p.Kind)), plural(links, "link", "links")}, troubles(m.rows[p.ID])...)
		return strings.Join(parts, ", ")
	}
	name := p.Label + ", counted as one, " + plural(links, "link", "links")
	n := 0
	for _, r := range m.counted(i) {
		if deviceState(r) != "" {
			n++
		}
	}
	if n > 0 {
		name += ", trouble on " + num(n)
	}
	return name
}

// linkName is what is said of a link.
func linkName(l topology.Link) string {
	name := strings.TrimSpace(said(l.A.Device)+" "+said(l.A.Port)) + " to " + strings.TrimSpace(said(l.B.Device)+" "+said(l.B.Port)) + ", " +
		evidenceWords(l) + ", " + percent(l.Confidence)
	switch linkState(l) {
	case "stale":
		name += ", not seen again"
	case "inferred":
		name += ", inferred"
	}
	return name
}

func blockTitle(b topology.Block) string {
	if b.Site == "" {
		return "No site"
	}
	return said(b.Site)
}

func blockSub(b topology.Block) string {
	return plural(b.Nodes, "device", "devices") + ", " + plural(b.Links, "link", "links")
}

func siteHref(site string) string {
	if site == "" {
		return ""
	}
	return with("/topology", nil, "site", site)
}
