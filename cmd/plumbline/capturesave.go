package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/spf13/cobra"
)

// maxEars bounds the interfaces of one file that are told apart: a file may
// invent any number of them.
const maxEars = 64

// sightings collects who was heard, for the appliance's store; nil collects
// nothing.
type sightings struct {
	data   *app.Data
	at     string
	file   string // "" for a live capture
	own    []netdev.MAC
	points map[string]topology.End
	ears   map[string]*capture.Ear
}

// newSightings checks where the capture was taken before a frame is read.
func newSightings(ctx context.Context, d *app.Data, f captureFlags) (*sightings, error) {
	s := &sightings{data: d, at: f.at, points: map[string]topology.End{}, ears: map[string]*capture.Ear{}}
	if f.read != "" {
		s.file = filepath.Base(f.read)
	}
	if s.at == "" {
		s.own = app.OwnMACs()
	}
	_, err := s.point(ctx, f.device)
	return s, err
}

func (s *sightings) point(ctx context.Context, name string) (topology.End, error) {
	if p, ok := s.points[name]; ok {
		return p, nil
	}
	p, err := s.data.CapturePoint(ctx, s.at, name)
	if err == nil {
		s.points[name] = p
	}
	return p, err
}

func (s *sightings) hear(fr capture.Frame) {
	if s == nil {
		return
	}
	name := cmp.Or(fr.Interface, s.file)
	e := s.ears[name]
	if e == nil && len(s.ears) >= maxEars {
		return
	}
	if e == nil {
		e = capture.NewEar(name, s.own...)
		s.ears[name] = e
	}
	e.Hear(fr)
}

// keep stores what was heard until now, and says how many senders that are.
func (s *sightings) keep(ctx context.Context) (n int, err error) {
	if s == nil {
		return 0, nil
	}
	for name, e := range s.ears {
		seen := e.Take()
		near, err := s.point(ctx, name)
		if err != nil {
			return n, err
		}
		via := name
		if s.file != "" && s.file != name {
			via = s.file + " " + name
		}
		if _, err := s.data.DB.SaveSightings(ctx, near, via, seen); err != nil {
			return n, err
		}
		n += len(seen)
	}
	return n, nil
}

func senders(n int) string {
	if n == 1 {
		return "1 sender"
	}
	return fmt.Sprint(n, " senders")
}

// withSightings runs f with a store for what is heard, if --save asks for one,
// and says on stderr what was kept.
func withSightings(c *cobra.Command, f captureFlags, run func(*sightings) error) error {
	if !f.save {
		return run(nil)
	}
	d, err := openForSaving(c.Context(), f.data)
	if err != nil {
		return err
	}
	defer d.Close()
	s, err := newSightings(c.Context(), d, f)
	switch {
	case err != nil && f.at != "":
		return usage(fmt.Errorf("capture: --at: %w", err))
	case err != nil:
		return ownFault(err)
	}
	err = run(s)
	n, kept := s.keep(context.WithoutCancel(c.Context()))
	if kept != nil {
		return errors.Join(err, ownFault(kept))
	}
	fmt.Fprintf(c.ErrOrStderr(), "kept in %s: %s\n", printable(f.data), senders(n))
	return err
}
