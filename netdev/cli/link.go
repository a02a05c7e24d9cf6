package cli

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/plumbline-net/plumbline/netdev"
)

// link is one channel of a connection: a goroutine blocks in Read and hands
// chunks over, another waits for the requests that end a channel.
type link struct {
	ch     ssh.Channel
	chunks chan []byte
	free   chan []byte
	quit   chan struct{}
	closed chan struct{} // no more requests will come
	wg     sync.WaitGroup
	once   sync.Once
	timer  *time.Timer

	mu     sync.Mutex
	exited bool
	status uint32
	stderr []byte
	err    error // why reading ended; io.EOF is the device's own end
}

const maxStderr = 4 << 10

// quiet is returned by next when no byte came in time.
var errQuiet = errors.New("quiet")

func openLink(c *Conn, start func(ssh.Channel) error) (*link, error) {
	ch, reqs, err := c.client.OpenChannel("session", nil)
	if err != nil {
		if open, ok := errors.AsType[*ssh.OpenChannelError](err); ok && (open.Reason == ssh.ResourceShortage || open.Reason == ssh.Prohibited) {
			return nil, fail(netdev.SessionLimit, "session", "%s", clip(open.Message, 200))
		}
		return nil, fail(netdev.Closed, "session", "%v", rootCause(err))
	}
	l := &link{ch: ch, chunks: make(chan []byte), free: make(chan []byte, 2), quit: make(chan struct{}), closed: make(chan struct{}), timer: time.NewTimer(time.Hour)}
	l.free <- make([]byte, 32<<10)
	l.free <- make([]byte, 32<<10)
	l.wg.Go(func() { l.requests(reqs) })
	if err := start(ch); err != nil {
		_ = ch.Close()
		l.wg.Wait()
		return nil, err
	}
	l.wg.Go(l.read)
	l.wg.Go(l.readStderr)
	return l, nil
}

func (l *link) requests(reqs <-chan *ssh.Request) {
	defer close(l.closed)
	for r := range reqs {
		if r.Type == "exit-status" {
			var m struct{ Status uint32 }
			if ssh.Unmarshal(r.Payload, &m) == nil {
				l.mu.Lock()
				l.exited, l.status = true, m.Status
				l.mu.Unlock()
			}
		}
		if r.WantReply {
			_ = r.Reply(false, nil)
		}
	}
}

func (l *link) read() {
	defer close(l.chunks)
	for {
		var b []byte
		select {
		case b = <-l.free:
		case <-l.quit:
			return
		}
		n, err := l.ch.Read(b[:cap(b)])
		if n > 0 {
			select {
			case l.chunks <- b[:n]:
			case <-l.quit:
				return
			}
		}
		if err != nil {
			l.mu.Lock()
			l.err = err
			l.mu.Unlock()
			return
		}
	}
}

// readStderr empties the second stream, which shares the window of the first.
func (l *link) readStderr() {
	b := make([]byte, 4<<10)
	for {
		n, err := l.ch.Stderr().Read(b)
		l.mu.Lock()
		if room := maxStderr - len(l.stderr); room > 0 {
			l.stderr = append(l.stderr, b[:min(n, room)]...)
		}
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// next gives the bytes that come within wait; it is errQuiet when none came,
// io.EOF when the channel has ended. done takes the bytes back.
func (l *link) next(ctx context.Context, wait time.Duration) ([]byte, error) {
	select { // bytes that are there already need no timer
	case b, ok := <-l.chunks:
		if !ok {
			return nil, io.EOF
		}
		return b, nil
	default:
	}
	l.timer.Reset(wait)
	defer l.timer.Stop()
	select {
	case b, ok := <-l.chunks:
		if !ok {
			return nil, io.EOF
		}
		return b, nil
	case <-l.timer.C:
		return nil, errQuiet
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *link) done(b []byte) {
	select {
	case l.free <- b:
	default:
	}
}

func (l *link) write(s string) error {
	_, err := io.WriteString(l.ch, s)
	return err
}

// ended says how the channel ended: the exit status where one was told, and
// whether the device closed it in good order.
func (l *link) ended() (status uint32, told, orderly bool, stderr string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status, l.exited, errors.Is(l.err, io.EOF), string(l.stderr)
}

// close ends the channel. Its goroutines end when the device has closed its
// side too, or with the connection; wait waits for them.
func (l *link) close() {
	l.once.Do(func() {
		close(l.quit)
		_ = l.ch.Close()
	})
}

func (l *link) wait() { l.wg.Wait() }
