package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Dialer opens connections; *net.Dialer is one, a chain of jump hosts another.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Target is one device and how it is opened.
type Target struct {
	Host       Host
	Platform   *platform.Platform
	Credential netdev.Credential
	Legacy     bool // also offer broken algorithms, behind all others
	Limits     Limits
	// Trying is asked once, after the host has proved its key and before the
	// credential is shown to it; an error keeps it from being shown. nil allows.
	Trying func() error
}

// preKeyExchange bounds what is read before the server has proved its key.
const preKeyExchange = 64 << 10

// Conn is an authenticated connection.
type Conn struct {
	target  Target
	limits  Limits
	client  *ssh.Client
	login   *login
	hostKey HostKey
	banner  string
	bytes   *countedConn
	stop    func() bool
	once    sync.Once
}

// HostKey gives the key the server has proved.
func (c *Conn) HostKey() HostKey { return c.hostKey }

// ServerVersion gives the identification string (RFC 4253 §4.2).
func (c *Conn) ServerVersion() string { return string(c.client.ServerVersion()) }

// Banner gives the text sent before the login.
func (c *Conn) Banner() string { return c.banner }

// PasswordSpent says whether the credential's password was shown to the
// device, rightly or wrongly.
func (c *Conn) PasswordSpent() bool { return c.login.spent() }

// Connect dials, checks the address against the credential's scope twice,
// checks the host key, and authenticates. Errors are *netdev.OpError. spent
// says whether the password was shown to the device; it counts where the
// number of passwords is limited. The connection ends with ctx.
func Connect(ctx context.Context, dial Dialer, keys HostKeys, t Target) (c *Conn, spent bool, err error) {
	addr := t.Host.Address.String()
	defer func() {
		if e, ok := errors.AsType[*netdev.OpError](err); ok && e.Addr == "" {
			e.Addr = addr
		}
	}()
	l := t.Limits.WithDefaults()
	if t.Credential.SSH == nil {
		return nil, false, fail(netdev.NoCredential, "connect", "credential %q has no ssh login", t.Credential.Name)
	}
	if err := inScope(t.Credential, t.Host.Address.Addr()); err != nil {
		return nil, false, err
	}
	nc, err := dialOnce(ctx, dial, addr, l.Connect)
	if err != nil {
		return nil, false, err
	}
	// The address that answers is the one that counts, whatever was dialled.
	if far, ok := addrPortOf(nc.RemoteAddr()); ok {
		if err := inScope(t.Credential, far.Addr()); err != nil {
			_ = nc.Close()
			return nil, false, err
		}
	}
	c = &Conn{target: t, limits: l, login: &login{ssh: t.Credential.SSH, platform: t.Platform, trying: t.Trying}, bytes: &countedConn{Conn: nc}}
	if err := c.handshake(ctx, keys); err != nil {
		return nil, c.login.spent(), err
	}
	c.stop = context.AfterFunc(ctx, func() { _ = nc.Close() })
	return c, c.login.spent(), nil
}

func inScope(c netdev.Credential, a netip.Addr) error {
	if c.Allows(a) {
		return nil
	}
	return fail(netdev.OutOfScope, "connect", "credential %q may not be sent to %s", c.Name, a)
}

func dialOnce(ctx context.Context, dial Dialer, addr string, limit time.Duration) (net.Conn, error) {
	dctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	nc, err := dial.DialContext(dctx, "tcp", addr)
	switch {
	case err == nil:
		return nc, nil
	case ctx.Err() != nil:
		return nil, stopped(ctx, "connect")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fail(netdev.Timeout, "connect", "connect: nothing within %s", limit)
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, fail(netdev.Unreachable, "connect", "refused")
	default:
		if e, ok := errors.AsType[*netdev.OpError](err); ok {
			return nil, e // a jump host tells its own reason
		}
		return nil, fail(netdev.Unreachable, "connect", "%s", rootCause(err))
	}
}

func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// handshake runs key exchange, host key check and login under one timer.
func (c *Conn) handshake(ctx context.Context, keys HostKeys) error {
	nc := c.bytes
	_ = nc.SetDeadline(time.Now().Add(c.limits.Login))
	release := context.AfterFunc(ctx, func() { _ = nc.Close() })
	defer release()
	cfg, hostAlgorithms := algorithms(c.target.Legacy, keys.Types(c.target.Host))
	methods, err := c.login.methods()
	if err != nil {
		_ = nc.Close()
		return err
	}
	var refused error
	var banner strings.Builder
	conn, chans, reqs, err := ssh.NewClientConn(nc, c.target.Host.address(), &ssh.ClientConfig{
		Config:            cfg,
		User:              c.target.Credential.SSH.User + c.target.Platform.Login.Suffix,
		Auth:              methods,
		HostKeyAlgorithms: hostAlgorithms,
		ClientVersion:     "SSH-2.0-plumbline",
		HostKeyCallback: func(_ string, _ net.Addr, k ssh.PublicKey) error {
			c.hostKey = hostKeyOf(k)
			if refused = keys.Check(ctx, c.target.Host, c.hostKey); refused == nil {
				nc.proved.Store(true)
			}
			return refused
		},
		BannerCallback: func(message string) error {
			if banner.Len()+len(message) > c.limits.Dialogue {
				return fail(netdev.OutputLimit, "login", "banner of more than %d bytes", c.limits.Dialogue)
			}
			banner.WriteString(message)
			return nil
		},
	})
	if err != nil {
		_ = nc.Close()
		return c.whyNot(ctx, err, refused)
	}
	_ = nc.SetDeadline(time.Time{})
	if nc.late.Load() { // it ran out at the last moment; the connection is of no use
		_ = conn.Close()
		return fail(netdev.Timeout, "login", "login: not done within %s", c.limits.Login)
	}
	c.banner = banner.String()
	c.client = ssh.NewClient(conn, chans, reqs)
	return nil
}

// whyNot finds the reason of a failed handshake or login.
func (c *Conn) whyNot(ctx context.Context, err, refused error) error {
	var told *netdev.OpError
	proved := c.bytes.proved.Load()
	timeout := c.bytes.late.Load()
	switch {
	case ctx.Err() != nil:
		return stopped(ctx, "connect")
	case errors.As(refused, &told):
		return told
	case refused != nil:
		return &netdev.OpError{Reason: netdev.Internal, Op: "host key", Err: refused}
	case errors.As(err, &told):
		return told
	case errors.Is(err, errSpent):
		return fail(netdev.AuthFailed, "login", "%s refused for user %q", c.shown(), c.target.Credential.SSH.User)
	case timeout && proved:
		return fail(netdev.Timeout, "login", "login: not done within %s", c.limits.Login)
	case timeout:
		return fail(netdev.Handshake, "connect", "no key exchange within %s", c.limits.Login)
	case errors.Is(err, errFlood):
		return fail(netdev.Handshake, "connect", "more than %d bytes before the key exchange", preKeyExchange)
	}
	if told, ok := errorIn(c.target.Platform, strings.TrimSpace(string(c.bytes.head))); ok && !proved && told.Reason == netdev.SessionLimit {
		return fail(netdev.SessionLimit, "connect", "%q", clip(told.Line, 120))
	}
	if e := negotiation(err, c.target.Legacy); e != nil {
		return e
	}
	text := clip(rootCause(err).Error(), 200)
	switch {
	case strings.Contains(strings.ToLower(text), "too many"):
		return fail(netdev.SessionLimit, "connect", "%s", text)
	case proved && c.bytes.gone.Load() && !c.login.spent():
		return fail(netdev.Closed, "login", "the device hung up before the login")
	case strings.Contains(text, "unable to authenticate"):
		return fail(netdev.AuthFailed, "login", "%s refused for user %q", c.shown(), c.target.Credential.SSH.User)
	case proved && c.login.spent():
		return fail(netdev.AuthFailed, "login", "the device hung up after the password: %s", text)
	default:
		return fail(netdev.Handshake, "connect", "%s", text)
	}
}

// shown names what the credential has to show.
func (c *Conn) shown() string {
	switch s := c.target.Credential.SSH; {
	case s.PrivateKey.IsSet() && c.login.spent():
		return "key and password"
	case s.PrivateKey.IsSet():
		return "key"
	case c.login.spent():
		return "password"
	default:
		return "the login, without a password asked for, was"
	}
}

// Close ends the connection; it may be called more than once.
func (c *Conn) Close() {
	c.once.Do(func() {
		if c.stop != nil {
			c.stop()
		}
		_ = c.bytes.Conn.Close()
		_ = c.client.Close()
		_ = c.client.Wait()
	})
}

var errFlood = errors.New("too much before the key exchange")

// countedConn counts what is read and stops a flood before the key exchange.
type countedConn struct {
	net.Conn
	read   atomic.Int64
	proved atomic.Bool
	late   atomic.Bool // the timer ran out; the library may tell of a refused login instead
	gone   atomic.Bool // the other side hung up
	head   []byte      // the first bytes, which may be words instead of a protocol
}

func (c *countedConn) Read(p []byte) (int, error) {
	if !c.proved.Load() {
		left := preKeyExchange - c.read.Load()
		if left <= 0 {
			return 0, errFlood
		}
		p = p[:min(int64(len(p)), left)]
	}
	n, err := c.Conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.late.Store(true)
	} else if err != nil {
		c.gone.Store(true)
	}
	if c.read.Add(int64(n)) <= 256 {
		c.head = append(c.head, p[:n]...)
	}
	return n, err
}

// Received counts the bytes that came in, encrypted.
func (c *Conn) Received() int64 { return c.bytes.read.Load() }

var _ io.Reader = (*countedConn)(nil)

func (t Target) String() string { return fmt.Sprintf("%s (%s)", t.Host.address(), t.Platform.ID) }
