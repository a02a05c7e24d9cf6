package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Limits bound what one device may cost. The zero value of a field means its
// default.
type Limits struct {
	Connect  time.Duration // TCP connect; default 10 s
	Login    time.Duration // identification, key exchange and login together; default 10 s
	Idle     time.Duration // longest time without a byte; default 30 s
	Total    time.Duration // the whole pull; default 10 min
	Text     int           // bytes of one answer; default 64 MiB
	Line     int           // bytes of one line; default 1 MiB
	Dialogue int           // bytes of banner and login dialogue; default 256 KiB
	Pages    int           // keys sent to a pager for one answer; default 20,000
}

// WithDefaults fills the fields that are zero.
func (l Limits) WithDefaults() Limits {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{{&l.Connect, 10 * time.Second}, {&l.Login, 10 * time.Second}, {&l.Idle, 30 * time.Second}, {&l.Total, 10 * time.Minute}} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	for _, n := range []struct {
		field *int
		value int
	}{{&l.Text, 64 << 20}, {&l.Line, 1 << 20}, {&l.Dialogue, 256 << 10}, {&l.Pages, 20_000}} {
		if *n.field <= 0 {
			*n.field = n.value
		}
	}
	return l
}

// errTotal marks a context that ended because the whole pull took too long,
// so that it is told apart from someone's cancelling.
var errTotal = errors.New("total")

// WithTotal gives a context that ends with the limit for the whole pull.
func WithTotal(ctx context.Context, l Limits) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, l.WithDefaults().Total, errTotal)
}

// stopped says why ctx ended, in the words of the closed list.
func stopped(ctx context.Context, op string) *netdev.OpError {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errTotal), errors.Is(cause, context.DeadlineExceeded):
		return &netdev.OpError{Reason: netdev.Timeout, Op: op, Detail: "total"}
	default:
		return &netdev.OpError{Reason: netdev.Cancelled, Op: op}
	}
}

func fail(r netdev.Reason, op, format string, args ...any) *netdev.OpError {
	return &netdev.OpError{Reason: r, Op: op, Detail: fmt.Sprintf(format, args...)}
}

// errLogin marks a login dialogue that took too long.
var errLogin = errors.New("login")

func detailOf(err error) string {
	if e, ok := errors.AsType[*netdev.OpError](err); ok {
		return e.Detail
	}
	return ""
}
