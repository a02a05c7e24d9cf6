package sim

import (
	"context"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

func (d *Device) serveSSH(ctx context.Context, l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if !d.hold(ctx, c) {
			d.drop(c)
			return
		}
		d.net.wg.Go(func() {
			defer d.drop(c)
			d.connection(ctx, c)
		})
	}
}

func wait(ctx context.Context, t time.Duration) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (d *Device) connection(ctx context.Context, c net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	switch {
	case d.fault(Mute):
		_, _ = c.Read(make([]byte, 1024))
		buf := make([]byte, 1024)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
		}
	case d.fault(Garbage):
		_, _ = c.Write([]byte(strings.Repeat("\x00\xffgarbage\n", 1<<20/10)))
		return
	case d.crowdedAtTheDoor():
		_, _ = c.Write([]byte("Too many users. Sorry, try again later.\r\n"))
		return
	}
	conn := c
	if p, ok := d.params(SlowHandshake); ok {
		conn = &slowConn{Conn: c, ctx: ctx, each: p.pause(time.Second)}
	}
	conf, err := d.serverConfig()
	if err != nil {
		return
	}
	sc, chans, reqs, err := ssh.NewServerConn(conn, conf)
	if err != nil {
		return
	}
	done := make(chan struct{})
	go func() { ssh.DiscardRequests(reqs); close(done) }()
	var running []chan struct{}
	for nc := range chans {
		if nc.ChannelType() != "session" {
			_ = nc.Reject(ssh.UnknownChannelType, "only sessions here")
			continue
		}
		ch, chReqs, err := nc.Accept()
		if err != nil {
			continue
		}
		end := make(chan struct{})
		running = append(running, end)
		go func() {
			defer close(end)
			d.channel(ctx, c, ch, chReqs)
			if !d.manyChannels() {
				_ = sc.Close()
			}
		}()
	}
	cancel()
	<-done
	for _, end := range running {
		<-end
	}
}

// manyChannels says whether a connection lives on after its first command, as
// it does with servers that take one command a channel.
func (d *Device) manyChannels() bool {
	return d.Platform() == "mikrotik_routeros" || d.Platform() == "frr"
}

// crowdedAtTheDoor: some say before the handshake that they are full.
func (d *Device) crowdedAtTheDoor() bool {
	p, ok := d.params(TooManyUsers)
	return ok && p.N == 1
}

// slowConn writes one byte at a time.
type slowConn struct {
	net.Conn
	ctx  context.Context // of the connection, to end the waiting
	each time.Duration
}

func (s *slowConn) Write(b []byte) (int, error) {
	for i := range b {
		if _, err := s.Conn.Write(b[i : i+1]); err != nil {
			return i, err
		}
		wait(s.ctx, s.each)
	}
	return len(b), nil
}
