package target

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// Parser holds what parsing reads of the outside world. The zero value reads
// no file and knows no attached network.
type Parser struct {
	// Attached are the networks of this machine's interfaces: their network
	// and broadcast addresses are left out.
	Attached []netip.Prefix
	ReadFile func(name string) ([]byte, error) // of @FILE
}

// Parse reads targets with the files and the interfaces of this machine.
func Parse(args []string) (Set, error) {
	return Parser{Attached: attached(), ReadFile: readFile}.Parse(args)
}

// maxFile bounds a file of targets.
const maxFile = 64 << 20

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s: larger than %d MiB", name, maxFile>>20)
	}
	return b, err
}

func attached() []netip.Prefix {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil // nothing is left out then
	}
	var out []netip.Prefix
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, p.Masked())
		}
	}
	return out
}

// refused are IPv4 networks that no discovery asks.
func refused() []struct {
	prefix netip.Prefix
	why    string
} {
	return []struct {
		prefix netip.Prefix
		why    string
	}{
		{netip.MustParsePrefix("0.0.0.0/8"), "“this network”"},
		{netip.MustParsePrefix("169.254.0.0/16"), "link-local"},
		{netip.MustParsePrefix("224.0.0.0/3"), "multicast or reserved"},
	}
}

// build is a set in the making.
type build struct {
	p        Parser
	add, out []span
	add6     []netip.Addr
	out6     []netip.Prefix
	alone    map[netip.Addr]bool
}

// Parse makes the set of args: an address, a prefix, a range "a-b", a file
// "@FILE" of such lines; "!" before one excludes it. An error says which
// argument, or which line of which file, and why.
func (p Parser) Parse(args []string) (Set, error) {
	b := &build{p: p, alone: map[netip.Addr]bool{}}
	for _, arg := range args {
		if err := b.arg(arg, false); err != nil {
			return Set{}, err
		}
	}
	if len(b.add) == 0 && len(b.add6) == 0 {
		return Set{}, errors.New("no target: name an address, a prefix, a range or @FILE")
	}
	for _, net := range p.Attached {
		// A /31 has neither (RFC 3021).
		if net.Addr().Is4() && net.Bits() < 31 {
			s := spanOf(net)
			b.out = append(b.out, span{s.lo, s.lo}, span{s.hi, s.hi})
		}
	}
	return b.set()
}

func (b *build) arg(arg string, inFile bool) error {
	text, exclude := strings.CutPrefix(strings.TrimSpace(arg), "!")
	if name, ok := strings.CutPrefix(text, "@"); ok {
		if inFile {
			return fmt.Errorf("%q: a file of targets cannot name another", arg)
		}
		return b.file(name, exclude)
	}
	if err := b.one(text, exclude); err != nil {
		return fmt.Errorf("target %q: %w", arg, err)
	}
	return nil
}

func (b *build) file(name string, exclude bool) error {
	if b.p.ReadFile == nil {
		return fmt.Errorf("target @%s: files are not read here", name)
	}
	text, err := b.p.ReadFile(name)
	if err != nil {
		return fmt.Errorf("targets: %w", err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "-"); ok {
			line = "!" + rest
		}
		if exclude {
			line = "!" + strings.TrimPrefix(line, "!")
		}
		if err := b.arg(line, true); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return nil
}

func (b *build) one(text string, exclude bool) error {
	if a, err := netip.ParseAddr(text); err == nil {
		return b.addr(a, exclude)
	}
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return errors.New("not a prefix such as 192.0.2.0/24")
		}
		return b.prefix(p, exclude)
	}
	if lo, hi, ok := strings.Cut(text, "-"); ok {
		return b.run(strings.TrimSpace(lo), strings.TrimSpace(hi), exclude)
	}
	return errors.New("neither an address nor a prefix nor a range")
}

func (b *build) addr(a netip.Addr, exclude bool) error {
	a = a.Unmap()
	if a.Is4() {
		v := num4(a)
		if !exclude {
			b.alone[a] = true
		}
		return b.span(span{v, v}, exclude)
	}
	if exclude {
		b.out6 = append(b.out6, netip.PrefixFrom(a.WithZone(""), 128))
		return nil
	}
	switch {
	case a.Zone() != "":
		return errors.New("an address with a zone cannot be a target")
	case a.IsMulticast(), a.IsUnspecified(), a.IsLinkLocalUnicast():
		return errors.New("multicast, link-local and unspecified addresses are never asked")
	}
	b.alone[a] = true
	b.add6 = append(b.add6, a)
	return nil
}

func (b *build) prefix(p netip.Prefix, exclude bool) error {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	p = p.Masked()
	switch {
	case p.Addr().Is4():
		if p.Bits() == 32 {
			return b.addr(p.Addr(), exclude)
		}
		return b.span(spanOf(p), exclude)
	case exclude:
		b.out6 = append(b.out6, p)
		return nil
	case p.Bits() == 128:
		return b.addr(p.Addr(), false)
	}
	return errors.New("an IPv6 network is not swept: list its addresses, or let neighbours name them")
}

func (b *build) run(from, to string, exclude bool) error {
	lo, err1 := netip.ParseAddr(from)
	hi, err2 := netip.ParseAddr(to)
	if err1 != nil || err2 != nil {
		return errors.New("neither an address nor a prefix nor a range")
	}
	lo, hi = lo.Unmap(), hi.Unmap()
	switch {
	case !lo.Is4() || !hi.Is4():
		return errors.New("a range is of IPv4 addresses; IPv6 addresses are listed")
	case hi.Less(lo):
		return fmt.Errorf("the range ends at %s, before it begins", hi)
	}
	return b.span(span{num4(lo), num4(hi)}, exclude)
}

func (b *build) span(s span, exclude bool) error {
	if exclude {
		b.out = append(b.out, s)
		return nil
	}
	for _, r := range refused() {
		if x := spanOf(r.prefix); s.lo <= x.hi && s.hi >= x.lo {
			return fmt.Errorf("%s is %s and never asked", r.prefix, r.why)
		}
	}
	lo, hi := num4(netip.AddrFrom4([4]byte{127})), num4(netip.AddrFrom4([4]byte{127, 255, 255, 255}))
	if s.lo <= hi && s.hi >= lo && (s.lo < lo || s.hi > hi) {
		return errors.New("it runs into 127.0.0.0/8: loopback is asked only when it is named by itself")
	}
	if n := uint64(s.hi) - uint64(s.lo) + 1; n > Max {
		return fmt.Errorf("%d addresses are more than %d", n, Max)
	}
	b.add = append(b.add, s)
	return nil
}

func spanOf(p netip.Prefix) span {
	lo := num4(p.Masked().Addr())
	return span{lo, lo | uint32(uint64(1)<<(32-p.Bits())-1)}
}

// set joins, subtracts and counts.
func (b *build) set() (Set, error) {
	s := Set{alone: b.alone, out: join(b.out), out6: b.out6}
	total := 0
	for _, x := range subtract(join(b.add), s.out) {
		s.v4 = append(s.v4, x)
		s.from = append(s.from, total)
		if total += int(x.hi-x.lo) + 1; total > Max {
			return Set{}, fmt.Errorf("the targets hold more than %d addresses", Max)
		}
	}
	s.n4 = total
	slices.SortFunc(b.add6, netip.Addr.Compare)
	for _, a := range slices.Compact(b.add6) {
		if !slices.ContainsFunc(b.out6, func(p netip.Prefix) bool { return p.Contains(a) }) {
			s.v6 = append(s.v6, a)
		}
	}
	return s, nil
}

// join sorts spans and melts those that touch.
func join(in []span) []span {
	in = slices.Clone(in)
	slices.SortFunc(in, func(a, b span) int { return int(int64(a.lo) - int64(b.lo)) })
	var out []span
	for _, s := range in {
		if n := len(out); n > 0 && (s.lo <= out[n-1].hi || s.lo == out[n-1].hi+1) {
			out[n-1].hi = max(out[n-1].hi, s.hi)
			continue
		}
		out = append(out, s)
	}
	return out
}

// subtract takes out from in; both are joined.
func subtract(in, out []span) []span {
	var left []span
	k := 0
	for _, s := range in {
		for k < len(out) && out[k].hi < s.lo {
			k++
		}
		lo, gone := s.lo, false
		for _, x := range out[k:] {
			if x.lo > s.hi {
				break
			}
			if x.lo > lo {
				left = append(left, span{lo, x.lo - 1})
			}
			if x.hi >= s.hi {
				gone = true
				break
			}
			lo = max(lo, x.hi+1)
		}
		if !gone {
			left = append(left, span{lo, s.hi})
		}
	}
	return left
}
