package sim

import (
	"context"
	"net"

	"golang.org/x/crypto/ssh"
)

// windowRequest is what pty-req carries, RFC 4254 §6.2.
type windowRequest struct {
	Term                  string
	Columns, Rows, PW, PH uint32
	Modes                 string
}

func (d *Device) channel(ctx context.Context, tcp net.Conn, ch ssh.Channel, reqs <-chan *ssh.Request) {
	ctx, cancel := context.WithCancel(ctx)
	s := newSession(d, ctx, tcp, ch)
	var end chan struct{}
	run := func(f func()) {
		end = make(chan struct{})
		go func() {
			defer close(end)
			f()
			if !s.unsaid {
				_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{s.status}))
			}
			_ = ch.Close()
		}()
	}
	for r := range reqs {
		ok := true
		switch r.Type {
		case "pty-req":
			var w windowRequest
			ok = ssh.Unmarshal(r.Payload, &w) == nil
			s.pty, s.width, s.height = true, int(w.Columns), int(w.Rows)
		case "shell":
			if ok = end == nil; ok {
				_ = r.Reply(true, nil)
				run(s.shell)
				continue
			}
		case "exec":
			var cmd struct{ Command string }
			if ok = end == nil && ssh.Unmarshal(r.Payload, &cmd) == nil; ok {
				_ = r.Reply(true, nil)
				run(func() { s.exec(cmd.Command) })
				continue
			}
		case "env", "window-change":
		default:
			ok = false
		}
		if r.WantReply {
			_ = r.Reply(ok, nil)
		}
	}
	cancel()
	if end != nil {
		<-end
	}
	_ = ch.Close()
}
