package snmp

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
)

// seeds are packets of every kind this package writes, and some of the kinds
// it must refuse.
func seeds() [][]byte {
	var w builder
	name := []uint32{1, 3, 6, 1, 2, 1, 1, 5, 0}
	big := []uint32{2, 999, 1<<32 - 1, 16384, 127, 128}
	login := &netdev.SNMPLogin{User: "watch", Auth: "sha256", AuthPassword: netdev.NewSecret("auth-pass-word"), Priv: "aes128", PrivPassword: netdev.NewSecret("priv-pass-word")}
	k, _ := localize(login, []byte("\x80\x00\x1f\x88\x04engine"))
	q := v3Request{engine: []byte("\x80\x00\x1f\x88\x04engine"), boots: 3, time: 99, user: []byte("watch"), salt: 5}
	out := [][]byte{
		bytes.Clone(w.community(1, []byte("public"), pduGetBulk, 0x41414141, 0, 10, [][]uint32{name, big})),
		bytes.Clone(w.community(0, []byte("public"), pduResponse, 0x7fffffff, 2, 1, [][]uint32{name})),
		bytes.Clone(w.v3(v3Request{}, pduGet, 0x42424242, 0, 0, nil)),
		bytes.Clone(w.v3(q, pduResponse, 0x42424242, 0, 0, [][]uint32{name})),
		{0x30, 0x84, 0x80, 0, 0, 0}, {0x30, 0x80, 0, 0}, {0x30, 0x82, 0xff, 0xff, 2, 1, 1},
	}
	q.keys = k
	return append(out, bytes.Clone(w.v3(q, pduResponse, 0x42424242, 0, 0, [][]uint32{name})))
}

func FuzzParseReply(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := ParseReply(b)
		if !ok {
			return
		}
		r.Engine()
		if _, ok := r.System(); ok {
			if _, err := countBinds(r.m.pdu.binds); err != nil {
				t.Error("a system was read of malformed bindings")
			}
		}
	})
}

// FuzzTake throws packets at sessions of version 2c and 3: none may panic, and
// none without the right digest may be an answer.
func FuzzTake(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	login := &netdev.SNMPLogin{Version: netdev.SNMPv3, User: "watch", Auth: "sha256", AuthPassword: netdev.NewSecret("other-pass-word"), Priv: "aes128", PrivPassword: netdev.NewSecret("other-pass-word")}
	engine := []byte("\x80\x00\x1f\x88\x04engine")
	k, err := localize(login, engine)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		q := &request{ids: []uint32{0x41414141, 0x42424242, 0x7fffffff}}
		for _, v := range []netdev.SNMPVersion{netdev.SNMPv1, netdev.SNMPv2c} {
			s := &session{login: &netdev.SNMPLogin{Version: v}, opt: Options{}.filled()}
			if p, verdict, _ := s.take(bytes.Clone(b), q); verdict == accept {
				for r := (reader{p.binds}); len(r.b) > 0; {
					x, err := nextBind(&r)
					if err != nil {
						t.Fatal("an answer with malformed bindings was accepted")
					}
					x.value()
					appendArcs(nil, x.name)
				}
			}
		}
		s := &session{login: login, opt: Options{}.filled(), keys: k, engine: Engine{ID: engine, Boots: 3, Time: 99}, addr: netip.AddrPort{}}
		if p, verdict, _ := s.take(bytes.Clone(b), q); verdict == accept && p.tag != pduReport {
			t.Error("an answer without our digest was accepted")
		}
	})
}

func FuzzOIDsSurviveTheWire(f *testing.F) {
	f.Add("1.3.6.1.2.1.1.1.0")
	f.Add("2.47.4294967295.128.16383.16384")
	f.Fuzz(func(t *testing.T, s string) {
		arcs, ok := ParseOID(s)
		if !ok || len(arcs) < 2 || arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39) || arcs[1] > 1<<31 {
			return
		}
		got, ok := appendArcs(nil, contentOf(arcs))
		if !ok || !slices.Equal(got, arcs) {
			t.Errorf("%v came back as %v", arcs, got)
		}
	})
}
