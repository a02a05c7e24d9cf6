package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// openThings are the sockets of one device.
type openThings struct {
	udp   *net.UDPConn
	tcp   net.Listener
	conns map[net.Conn]bool
	ctx   context.Context // of the running network, for a listener that comes back
}

// Start opens every socket and returns when all devices answer. Close ends
// what it started; so does the end of ctx, except for the waiting.
func (n *Network) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.started {
		return errors.New("the simulated network was started before")
	}
	for try := 0; ; try++ {
		err := n.listen()
		if err == nil {
			break
		}
		n.unlisten()
		if try == 20 || n.opt.SNMPPort != 0 && n.opt.SSHPort != 0 {
			return err
		}
	}
	ctx, n.cancel = context.WithCancel(ctx)
	n.started = true
	for _, d := range n.devices {
		d.mu.Lock()
		d.open.ctx = ctx
		udp, tcp := d.open.udp, d.open.tcp
		d.mu.Unlock()
		a := &agent{d: d, conn: udp, keys: d.usmKeysFor(d.engine), salt: d.saltBase(), ctx: ctx}
		n.wg.Go(a.serve)
		n.wg.Go(func() { d.serveSSH(ctx, tcp) })
	}
	n.wg.Go(func() {
		<-ctx.Done()
		n.unlisten()
	})
	return nil
}

// listen takes the same ports on every address; where none was asked for, the
// first device's free port is tried on the others.
func (n *Network) listen() error {
	n.snmp, n.ssh = n.opt.SNMPPort, n.opt.SSHPort
	for _, d := range n.devices {
		ip := d.addr.AsSlice()
		udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: ip, Port: int(n.snmp)})
		if err != nil {
			return fmt.Errorf("simulate %s: %w", d.Name(), err)
		}
		d.mu.Lock()
		d.open = openThings{udp: udp, conns: map[net.Conn]bool{}}
		d.mu.Unlock()
		n.snmp = udp.LocalAddr().(*net.UDPAddr).AddrPort().Port()
		tcp, err := net.Listen("tcp4", netip.AddrPortFrom(d.addr, n.ssh).String())
		if err != nil {
			return fmt.Errorf("simulate %s: %w", d.Name(), err)
		}
		d.mu.Lock()
		d.open.tcp = tcp
		d.mu.Unlock()
		n.ssh = tcp.Addr().(*net.TCPAddr).AddrPort().Port()
	}
	return nil
}

func (n *Network) unlisten() {
	for _, d := range n.devices {
		d.mu.Lock()
		o := d.open
		conns := make([]net.Conn, 0, len(o.conns))
		for c := range o.conns {
			conns = append(conns, c)
		}
		d.mu.Unlock()
		if o.udp != nil {
			_ = o.udp.Close()
		}
		if o.tcp != nil {
			_ = o.tcp.Close()
		}
		for _, c := range conns {
			_ = c.Close()
		}
	}
}

// Close ends every session and waits until all is gone.
func (n *Network) Close() error {
	n.mu.Lock()
	if n.cancel != nil {
		n.cancel()
	}
	n.mu.Unlock()
	n.wg.Wait()
	return nil
}

func (d *Device) stopListening() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open.tcp != nil {
		_ = d.open.tcp.Close()
	}
}

func (d *Device) listenAgain() error {
	d.mu.Lock()
	ctx := d.open.ctx
	d.mu.Unlock()
	if ctx == nil || ctx.Err() != nil {
		return nil
	}
	l, err := net.Listen("tcp4", netip.AddrPortFrom(d.addr, d.net.SSHPort()).String())
	if err != nil {
		return fmt.Errorf("simulate %s: %w", d.Name(), err)
	}
	d.mu.Lock()
	d.open.tcp = l
	d.mu.Unlock()
	d.net.wg.Go(func() { d.serveSSH(ctx, l) })
	return nil
}

// hold keeps c in the list of open connections; false when all is ending.
func (d *Device) hold(ctx context.Context, c net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count.conns++
	d.open.conns[c] = true
	return ctx.Err() == nil
}

func (d *Device) drop(c net.Conn) {
	_ = c.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open.conns, c)
}

// banned says whether line would change the device.
func banned(line string, words []string) bool {
	for _, w := range words {
		if line == w || len(line) > len(w) && line[:len(w)] == w && line[len(w)] == ' ' {
			return true
		}
	}
	return slices.Contains(words, line)
}

func addrPort(d *Device) string { return netip.AddrPortFrom(d.addr, d.net.SSHPort()).String() }
