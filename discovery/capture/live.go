package capture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// snapLength is how much of a frame a live capture keeps: every protocol here
// says what matters in less.
const snapLength = 2048

// ErrNoRight is what OpenLive gives without the right to capture.
var ErrNoRight = errors.New("capturing needs the capability CAP_NET_RAW (run as root, or: setcap cap_net_raw+ep on the program)")

// LiveOptions tune a live capture; the zero value works.
type LiveOptions struct {
	// Promiscuous takes frames to other hosts too. Off, the interface joins the
	// groups of the protocols instead.
	Promiscuous bool
	// Log is told of interruptions; nil: nobody is.
	Log *slog.Logger
	// Retry is the pause before an interface that went away is tried again;
	// 0: 5 s.
	Retry time.Duration
	// Told is called with the fault when the interface fails, and with nil when
	// frames can be read again; nil: nobody is told.
	Told func(error)
}

// Stats counts what the kernel handed on and what it had no room for.
type Stats struct{ Received, Dropped uint64 }

// groups are the addresses the protocols send to: LLDP in its three scopes and
// slow protocols, the proprietary ones, IS-IS, and multicast of IPv4 and IPv6.
func groups() [][6]byte {
	return [][6]byte{
		{0x01, 0x80, 0xc2, 0, 0, 0x00}, {0x01, 0x80, 0xc2, 0, 0, 0x02}, {0x01, 0x80, 0xc2, 0, 0, 0x03}, {0x01, 0x80, 0xc2, 0, 0, 0x0e},
		{0x01, 0x80, 0xc2, 0, 0, 0x14}, {0x01, 0x80, 0xc2, 0, 0, 0x15},
		{0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc}, {0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcd}, {0x01, 0xe0, 0x52, 0xcc, 0xcc, 0xcc},
		{0x01, 0x00, 0x81, 0x00, 0x01, 0x00}, {0x01, 0x00, 0x81, 0x00, 0x01, 0x01}, {0x00, 0xe0, 0x2b, 0, 0, 0},
		{0x09, 0x00, 0x2b, 0, 0, 0x05},
		{0x01, 0x00, 0x5e, 0, 0, 0x01}, {0x01, 0x00, 0x5e, 0, 0, 0x02}, {0x01, 0x00, 0x5e, 0, 0, 0x05}, {0x01, 0x00, 0x5e, 0, 0, 0x06},
		{0x01, 0x00, 0x5e, 0, 0, 0x09}, {0x01, 0x00, 0x5e, 0, 0, 0x0a}, {0x01, 0x00, 0x5e, 0, 0, 0x0d}, {0x01, 0x00, 0x5e, 0, 0, 0x12},
		{0x01, 0x00, 0x5e, 0, 0, 0x16}, {0x01, 0x00, 0x5e, 0, 0, 0x66}, {0x01, 0x00, 0x5e, 0, 0, 0xfb}, {0x01, 0x00, 0x5e, 0, 0, 0xfc},
		{0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa},
		{0x33, 0x33, 0, 0, 0, 0x01}, {0x33, 0x33, 0, 0, 0, 0x02}, {0x33, 0x33, 0, 0, 0, 0x05}, {0x33, 0x33, 0, 0, 0, 0x06},
		{0x33, 0x33, 0, 0, 0, 0x0a}, {0x33, 0x33, 0, 0, 0, 0x0d}, {0x33, 0x33, 0, 0, 0, 0x66}, {0x33, 0x33, 0, 0, 0, 0xfb},
		{0x33, 0x33, 0, 1, 0, 0x02}, {0x33, 0x33, 0, 1, 0, 0x03}, {0x33, 0x33, 0, 0, 0, 0x0c},
	}
}

// Watch hands every frame of l to each until ctx ends, and closes l. It returns
// nil when it was asked to stop, and each's error. An interface that goes down
// or away is tried again after a pause. Data of a frame is valid during the
// call.
func Watch(ctx context.Context, l *Live, each func(Frame) error) error {
	name, opt := l.name, l.opt
	pause := opt.Retry
	if pause == 0 {
		pause = 5 * time.Second
	}
	log := opt.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	told := opt.Told
	if told == nil {
		told = func(error) {}
	}
	count := 0
	for {
		err := l.pump(ctx, &count, each)
		if ctx.Err() != nil {
			return nil
		}
		var own *eachError
		if errors.As(err, &own) {
			return own.err
		}
		log.WarnContext(ctx, "capture interrupted", "interface", name, "error", err)
		told(err)
		for open := false; !open; {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(pause):
			}
			again, err := OpenLive(name, opt)
			if l, open = again, err == nil; !open {
				log.DebugContext(ctx, "capture still interrupted", "interface", name, "error", err)
			}
		}
		log.InfoContext(ctx, "capture resumed", "interface", name)
		told(nil)
	}
}

// eachError tells a failure of the caller's from one of the interface.
type eachError struct{ err error }

func (e *eachError) Error() string { return e.err.Error() }

// pump reads frames until ctx ends or the interface fails, and closes l.
func (l *Live) pump(ctx context.Context, count *int, each func(Frame) error) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer func() {
		if stop() {
			l.Close()
		}
	}()
	for {
		fr, err := l.Next()
		if err != nil {
			return err
		}
		*count++
		fr.Number = *count
		if err := each(fr); err != nil {
			return &eachError{err}
		}
	}
}

// liveError says what an interface's failure means for a person.
func liveError(name string, err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("capture on %s: %w", name, ErrNoRight)
	}
	return fmt.Errorf("capture on %s: %w", name, err)
}
