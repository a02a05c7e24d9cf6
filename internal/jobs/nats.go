package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	streamName   = "JOBS"
	startTimeout = 10 * time.Second
)

// NATSOptions say where and how the embedded queue runs. Dir and Key are
// required; the rest works as zero.
type NATSOptions struct {
	Dir     string        // for its files; made with mode 0700
	Key     string        // encrypts the files
	AckWait time.Duration // a message without a sign of life is given to another worker; default 30 s
	Log     *slog.Logger
	Now     func() time.Time
}

// NATS is the embedded work queue: a JetStream server in this process that
// listens on no port.
type NATS struct {
	opt       NATSOptions
	exhausted chan string

	mu    sync.Mutex // guards what Reset replaces
	link  *link
	fails int // publishes in a row that timed out
}

// link is one run of the server with our connection to it.
type link struct {
	srv    *server.Server
	nc     *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
	sites  map[string][]jetstream.Consumer // high, normal, low
	limits map[string]int
}

// OpenNATS starts the queue over the files in Dir. Files that the key does not
// open, or that are damaged, are moved aside and an empty queue is started:
// the rows fill it again.
func OpenNATS(ctx context.Context, opt NATSOptions) (*NATS, error) {
	if opt.Dir == "" || opt.Key == "" {
		return nil, errors.New("open queue: a directory and a key are needed")
	}
	if opt.AckWait <= 0 {
		opt.AckWait = 30 * time.Second
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	q := &NATS{opt: opt, exhausted: make(chan string, 256)}
	stored := q.hasStream()
	l, err := q.open()
	if err == nil && stored && !l.found(ctx) {
		// A wrong key shows as a stream that is not there. Never make one over it.
		l.close()
		err = errors.New("its stream does not open")
	}
	if err != nil && stored {
		opt.Log.WarnContext(ctx, "queue files are not usable, they are moved aside", "error", err)
		if err := q.moveAside(); err != nil {
			return nil, fmt.Errorf("open queue: %w", err)
		}
		l, err = q.open()
	}
	if err == nil {
		err = l.prepare(ctx, q)
		if err != nil {
			l.close()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	q.link = l
	return q, nil
}

func (q *NATS) hasStream() bool {
	found, err := filepath.Glob(filepath.Join(q.opt.Dir, "jetstream", "*", "streams", streamName))
	return err == nil && len(found) > 0
}

// moveAside keeps the newest set of unusable files for whoever wants to look,
// and no more than one.
func (q *NATS) moveAside() error {
	aside := q.opt.Dir + ".unusable"
	if err := os.RemoveAll(aside); err != nil {
		return err
	}
	err := os.Rename(q.opt.Dir, aside)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (q *NATS) open() (*link, error) {
	if err := os.MkdirAll(q.opt.Dir, 0o700); err != nil {
		return nil, err
	}
	srv, err := server.NewServer(&server.Options{
		ServerName: "plumbline", DontListen: true, NoSigs: true, NoLog: true, NoSystemAccount: false,
		JetStream: true, StoreDir: q.opt.Dir, JetStreamMaxStore: 1 << 30, JetStreamMaxMemory: 64 << 20,
		SyncInterval: 10 * time.Second, SyncAlways: false,
		JetStreamKey: q.opt.Key, JetStreamCipher: server.ChaCha,
		MaxPayload: 1 << 20, DisableJetStreamBanner: true,
	})
	if err != nil {
		return nil, err
	}
	srv.SetLoggerV2(natsLog{q.opt.Log}, false, false, false)
	l := &link{srv: srv, sites: map[string][]jetstream.Consumer{}, limits: map[string]int{}}
	srv.Start()
	if !srv.ReadyForConnections(startTimeout) {
		l.close()
		return nil, fmt.Errorf("the server is not ready after %s", startTimeout)
	}
	// Faults of permissions and slow consumers arrive at the error handler only.
	l.nc, err = nats.Connect("", nats.InProcessServer(srv), nats.Name("plumbline"), nats.MaxReconnects(0),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { q.opt.Log.Error("queue connection", "error", err) }))
	if err == nil {
		l.js, err = jetstream.New(l.nc, jetstream.WithDefaultTimeout(publishTimeout))
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *link) found(ctx context.Context) bool {
	_, err := l.js.Stream(ctx, streamName)
	return err == nil
}

// close ends the connection and the server and waits for both: with many
// consumers it takes seconds.
func (l *link) close() {
	if l.nc != nil {
		l.nc.Close()
	}
	l.srv.Shutdown()
	l.srv.WaitForShutdown()
}

// Reset moves the files aside and starts an empty queue with the same sites.
func (q *NATS) Reset(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	limits := q.link.limits
	q.link.close()
	if err := q.moveAside(); err != nil {
		return fmt.Errorf("reset queue: %w", err)
	}
	l, err := q.open()
	if err != nil {
		return fmt.Errorf("reset queue: %w", err)
	}
	if err := l.prepare(ctx, q); err != nil {
		l.close()
		return fmt.Errorf("reset queue: %w", err)
	}
	q.link, q.fails = l, 0
	for site, limit := range limits {
		if err := l.site(ctx, site, limit, q.opt.AckWait); err != nil {
			return fmt.Errorf("reset queue: %w", err)
		}
	}
	return nil
}

// Close ends the server and waits for it.
func (q *NATS) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.link.close()
	return nil
}

func (q *NATS) current() *link {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.link
}

func (q *NATS) stream() jetstream.Stream {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.link.stream
}

// Exhausted gives ids of jobs whose message was delivered too often.
func (q *NATS) Exhausted() <-chan string { return q.exhausted }

// natsLog brings the server's words to our log. None of them hold device data.
type natsLog struct{ log *slog.Logger }

func (n natsLog) Noticef(f string, v ...any) {
	n.log.Debug("queue server", "says", fmt.Sprintf(f, v...))
}
func (n natsLog) Warnf(f string, v ...any) { n.log.Warn("queue server", "says", fmt.Sprintf(f, v...)) }
func (n natsLog) Errorf(f string, v ...any) {
	n.log.Error("queue server", "says", fmt.Sprintf(f, v...))
}
func (n natsLog) Fatalf(f string, v ...any) {
	n.log.Error("queue server", "says", fmt.Sprintf(f, v...))
}
func (n natsLog) Debugf(string, ...any) {}
func (n natsLog) Tracef(string, ...any) {}
