package capture

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Line is one line of `plumbline capture --json`: what one frame says, or why
// it, or the rest of the file, could not be read.
type Line struct {
	Frame     int        `json:"frame"`
	Time      time.Time  `json:"time,omitzero"`
	Protocol  string     `json:"protocol,omitempty"`
	SourceMAC netdev.MAC `json:"source_mac,omitempty"`
	VLAN      int        `json:"vlan,omitempty"`
	Facts     Facts      `json:"facts,omitempty"`
	Error     string     `json:"error,omitempty"`
}

// Line gives the line of a frame; ok is false for one with nothing to say.
func (d *Decoder) Line(fr Frame) (Line, bool) {
	m, ok, err := d.Decode(fr)
	if !ok {
		return Line{}, false
	}
	l := Line{Frame: fr.Number, Time: fr.Time, Protocol: m.Protocol, SourceMAC: m.SourceMAC, VLAN: m.VLAN, Facts: m.Facts}
	if err != nil {
		l.Error = err.Error()
	}
	return l, true
}

// Replay decodes every frame of a file and hands on the lines; raw, unless it
// is nil, gets each frame before. A file that
// breaks in the middle ends with a line that says so; the error is for a file
// that is no capture, and for each's own.
func Replay(r io.Reader, d *Decoder, raw func(Frame), each func(Line) error) error {
	f, err := Open(r)
	if err != nil {
		return err
	}
	for {
		fr, err := f.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return each(Line{Frame: f.count + 1, Error: fmt.Sprintf("the file cannot be read on: %v", err)})
		}
		if raw != nil {
			raw(fr)
		}
		if l, ok := d.Line(fr); ok {
			if err := each(l); err != nil {
				return err
			}
		}
	}
}
