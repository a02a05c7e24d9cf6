package web

import (
	"fmt"
	"net/netip"
	"strconv"
)

// cellsView is one square an address, drawn in rows of 32.
type cellsView struct {
	Width, Height int
	Name          string
	Labels        []label
	Cells         []square
	Key           []keyView
}

type label struct {
	X, Y int
	Text string
}

type square struct {
	X, Y  int
	Class string
	Mark  string // path of the glyph in it
	Title string
}

type keyView struct {
	Class, Word string
	N           int
	Inset       bool
}

const (
	cellStep = 24
	cellSize = 20
	cellRow  = 32
	cellLeft = 60
)

var cellWords = []struct{ state, word string }{
	{"known", "known"}, {"new", "new"}, {"work", "in work"}, {"refused", "refused"}, {"silent", "silent"}, {"waiting", "to ask"},
}

// drawCells lays the addresses of a run out. The sentence of the picture says
// the same numbers as its key.
func drawCells(cells []Cell) *cellsView {
	if len(cells) == 0 {
		return nil
	}
	v := &cellsView{Width: cellLeft + cellRow*cellStep, Height: (len(cells)+cellRow-1)/cellRow*cellStep + 4}
	n := map[string]int{}
	for i, c := range cells {
		x, y := cellLeft+i%cellRow*cellStep, 2+i/cellRow*cellStep
		if i%cellRow == 0 {
			v.Labels = append(v.Labels, label{cellLeft - 8, y + 14, shortAddress(c.Address)})
		}
		n[c.State]++
		sq := square{X: x, Y: y, Class: "addr-" + known(c.State), Title: said(c.Address)}
		if c.Name != "" {
			sq.Title += " " + said(c.Name)
		}
		switch c.State {
		case "refused":
			sq.Mark = fmt.Sprintf("M%d %dl6 6m0-6l-6 6", x+7, y+7)
		case "new":
			sq.Mark = fmt.Sprintf("M%d %dv8m-4-4h8", x+10, y+6)
		}
		v.Cells = append(v.Cells, sq)
	}
	v.Name = plural(len(cells), "cell", "cells") + ": "
	for i, w := range cellWords {
		v.Key = append(v.Key, keyView{"addr-" + w.state, w.word, n[w.state], w.state == "work" || w.state == "waiting"})
		if i > 0 {
			v.Name += ", "
		}
		v.Name += num(n[w.state]) + " " + w.word
	}
	return v
}

func known(state string) string {
	for _, w := range cellWords {
		if w.state == state {
			return state
		}
	}
	return "waiting"
}

// shortAddress is the last byte of an IPv4 address, which is what changes.
func shortAddress(s string) string {
	a, err := netip.ParseAddr(s)
	if err != nil || !a.Is4() {
		return said(s)[max(0, len(said(s))-8):]
	}
	return "." + strconv.Itoa(int(a.As4()[3]))
}

// frontView is a front panel: physical ports in two rows.
type frontView struct {
	Width int
	Name  string
	Ports []square
}

const frontMax = 52

// front draws at most 52 ports; more than that is no picture any more.
func front(all []port) *frontView {
	var physical []port
	n := map[string]int{}
	for _, p := range all {
		if p.Type == ethernet {
			physical = append(physical, p)
			n[p.state()]++
		}
	}
	if len(physical) < 2 || len(physical) > frontMax {
		return nil
	}
	v := &frontView{Name: "Front panel: "}
	for i, p := range physical {
		col := i / 2
		x := 12 + col*19 + col/6*8
		class := "port"
		switch p.state() {
		case "up":
			class += " port-up"
		case "disabled":
			class += " port-off"
		}
		v.Ports = append(v.Ports, square{X: x, Y: 10 + i%2*19, Class: class, Title: p.name() + ", " + said(p.state())})
		v.Width = x + 15 + 12
	}
	for i, k := range byCount(n) {
		if i > 0 {
			v.Name += ", "
		}
		v.Name += num(n[k]) + " " + said(k)
	}
	return v
}
