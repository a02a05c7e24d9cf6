package sim

import (
	"crypto/hmac"
	"encoding/binary"
)

// v3Message is a version 3 message taken apart (RFC 3412 §6, RFC 3414 §2.4).
type v3Message struct {
	id, size    int64
	flags       byte
	engine      []byte
	boots, time uint32
	user        string
	digest      []byte
	salt        []byte
	data        []byte // scoped PDU, enciphered or plain
	whole       []byte
	pduID       int64
}

func parseV3(whole, rest []byte) (v3Message, bool) {
	q := v3Message{whole: whole}
	head, rest, err := take(rest, tagSequence)
	if err != nil {
		return q, false
	}
	if q.id, head, err = takeInt(head); err != nil {
		return q, false
	}
	if q.size, head, err = takeInt(head); err != nil {
		return q, false
	}
	flags, head, err := take(head, tagOctets)
	if err != nil || len(flags) != 1 {
		return q, false
	}
	q.flags = flags[0]
	if model, _, err := takeInt(head); err != nil || model != 3 {
		return q, false
	}
	sec, rest, err := take(rest, tagOctets)
	if err != nil || !q.security(sec) {
		return q, false
	}
	if q.flags&2 != 0 {
		q.data, _, err = take(rest, tagOctets)
		return q, err == nil
	}
	q.data = rest
	if _, pdu, err := scoped(rest); err == nil {
		if p, err := parsePDU(pdu); err == nil {
			q.pduID = p.id
		}
	}
	return q, true
}

func (q *v3Message) security(b []byte) bool {
	b, _, err := take(b, tagSequence)
	if err != nil {
		return false
	}
	if q.engine, b, err = take(b, tagOctets); err != nil {
		return false
	}
	boots, b, err := takeInt(b)
	if err != nil {
		return false
	}
	now, b, err := takeInt(b)
	if err != nil {
		return false
	}
	q.boots, q.time = uint32(boots), uint32(now)
	user, b, err := take(b, tagOctets)
	if err != nil {
		return false
	}
	q.user = string(user)
	if q.digest, b, err = take(b, tagOctets); err != nil {
		return false
	}
	q.salt, _, err = take(b, tagOctets)
	return err == nil
}

// verify checks the digest over the message with the digest's place zeroed.
func (q *v3Message) verify(k usmKeys) bool {
	if len(q.digest) != usmDigestLen {
		return false
	}
	at := cap(q.whole) - cap(q.digest)
	zeroed := append([]byte(nil), q.whole...)
	clear(zeroed[at : at+usmDigestLen])
	return hmac.Equal(k.digest(zeroed), q.digest)
}

// scoped takes a scoped PDU apart: the context's name and the PDU.
func scoped(b []byte) (string, []byte, error) {
	b, _, err := take(b, tagSequence)
	if err != nil {
		return "", nil, err
	}
	if _, b, err = take(b, tagOctets); err != nil {
		return "", nil, err
	}
	name, pdu, err := take(b, tagOctets)
	return string(name), pdu, err
}

// wrapV3 puts parts (context name, if any, and PDU) into a message.
func (a *agent) wrapV3(q v3Message, k usmKeys, engine []byte, now uint32, auth, priv bool, parts ...[]byte) []byte {
	if len(parts) == 1 {
		parts = [][]byte{tlv(tagOctets), parts[0]}
	}
	data := tlv(tagSequence, append([][]byte{tlv(tagOctets, engine)}, parts...)...)
	flags, salt, digest := byte(0), []byte(nil), []byte(nil)
	if auth {
		flags, digest = 1, make([]byte, usmDigestLen)
	}
	if priv {
		flags, salt = 3, a.nextSalt()
		data, _ = k.crypt(data, salt, a.d.boots, now, false) // the salt has its 8 bytes
		data = tlv(tagOctets, data)
	}
	sec := tlv(tagSequence, tlv(tagOctets, engine), berInt(tagInteger, int64(a.d.boots)), berInt(tagInteger, int64(now)),
		tlv(tagOctets, []byte(q.user)), tlv(tagOctets, digest), tlv(tagOctets, salt))
	head := tlv(tagSequence, berInt(tagInteger, q.id), berInt(tagInteger, 65507), tlv(tagOctets, []byte{flags}), berInt(tagInteger, 3))
	out := tlv(tagSequence, berInt(tagInteger, 3), head, tlv(tagOctets, sec), data)
	if auth {
		// The digest stands before the salt and the data, all of known length.
		at := len(out) - len(data) - len(tlv(tagOctets, salt)) - usmDigestLen
		copy(out[at:], k.digest(out))
	}
	return out
}

func (d *Device) usmKeysFor(engine []byte) usmKeys {
	return usmKeys{auth: localize(d.net.authPassword(), engine), priv: localize(d.net.privPassword(), engine)}
}

// saltBase makes the salts of two starts differ.
func (d *Device) saltBase() uint64 {
	b := d.net.digest("salt", d.plan.name)
	return binary.BigEndian.Uint64(b[:])
}
