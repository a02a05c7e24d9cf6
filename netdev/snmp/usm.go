package snmp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" // RFC 3414 §8
	"crypto/hmac"
	"crypto/md5"  // RFC 3414 §6
	"crypto/sha1" // RFC 3414 §7
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"

	"github.com/gosnmp/gosnmp"
	"github.com/plumbline-net/plumbline/netdev"
)

// authProtocol is one row of RFC 3414 §6–7 and RFC 7860 §4: the hash, and how
// many octets of the HMAC travel.
type authProtocol struct {
	id   gosnmp.SnmpV3AuthProtocol
	new  func() hash.Hash
	size int
}

func authOf(word string) (authProtocol, bool) {
	switch word {
	case "md5":
		return authProtocol{gosnmp.MD5, md5.New, 12}, true
	case "sha":
		return authProtocol{gosnmp.SHA, sha1.New, 12}, true
	case "sha224":
		return authProtocol{gosnmp.SHA224, sha256.New224, 16}, true
	case "sha256":
		return authProtocol{gosnmp.SHA256, sha256.New, 24}, true
	case "sha384":
		return authProtocol{gosnmp.SHA384, sha512.New384, 32}, true
	case "sha512":
		return authProtocol{gosnmp.SHA512, sha512.New, 48}, true
	}
	return authProtocol{id: gosnmp.NoAuth}, word == ""
}

// privOf: the key extension of "aes192" and "aes256" is Blumenthal's, of
// "aes192c" and "aes256c" Reeder's.
func privOf(word string) (gosnmp.SnmpV3PrivProtocol, bool) {
	switch word {
	case "":
		return gosnmp.NoPriv, true
	case "des":
		return gosnmp.DES, true
	case "aes128":
		return gosnmp.AES, true
	case "aes192":
		return gosnmp.AES192, true
	case "aes256":
		return gosnmp.AES256, true
	case "aes192c":
		return gosnmp.AES192C, true
	case "aes256c":
		return gosnmp.AES256C, true
	}
	return gosnmp.NoPriv, false
}

// keys are a user's, localized to one engine (RFC 3414 §2.6).
type keys struct {
	auth  authProtocol
	mac   hash.Hash
	priv  gosnmp.SnmpV3PrivProtocol
	block cipher.Block
	preIV []byte // DES
}

// localize derives the keys of login for engine.
func localize(login *netdev.SNMPLogin, engine []byte) (*keys, error) {
	auth, ok := authOf(login.Auth)
	priv, ok2 := privOf(login.Priv)
	if !ok || !ok2 {
		return nil, fmt.Errorf("unknown protocol: auth %q, priv %q", login.Auth, login.Priv)
	}
	k := &keys{auth: auth, priv: priv}
	if auth.new == nil {
		if priv != gosnmp.NoPriv {
			return nil, errors.New("privacy without authentication")
		}
		return k, nil
	}
	sp := gosnmp.UsmSecurityParameters{
		UserName: login.User, AuthoritativeEngineID: string(engine),
		AuthenticationProtocol: auth.id, AuthenticationPassphrase: login.AuthPassword.Reveal(),
		PrivacyProtocol: priv, PrivacyPassphrase: login.PrivPassword.Reveal(),
	}
	if err := sp.InitSecurityKeys(); err != nil {
		return nil, errors.New("derive keys: unusable passphrase or protocol")
	}
	if len(sp.SecretKey) == 0 {
		return nil, errors.New("derive keys: empty passphrase")
	}
	k.mac = hmac.New(auth.new, sp.SecretKey)
	var err error
	switch {
	case priv == gosnmp.NoPriv:
	case len(sp.PrivacyKey) < 16:
		err = errors.New("derive keys: empty privacy passphrase")
	case priv == gosnmp.DES:
		k.preIV = sp.PrivacyKey[8:16]
		k.block, err = des.NewCipher(sp.PrivacyKey[:8])
	default:
		k.block, err = aes.NewCipher(sp.PrivacyKey)
	}
	return k, err
}

func (k *keys) flags() byte {
	switch {
	case k.block != nil:
		return flagAuth | flagPriv
	case k.mac != nil:
		return flagAuth
	}
	return 0
}

// digest gives the octets that travel as msgAuthenticationParameters.
func (k *keys) digest(msg []byte) []byte {
	k.mac.Reset()
	k.mac.Write(msg)
	return k.mac.Sum(nil)[:k.auth.size]
}

// encrypt returns the cipher text of plain (RFC 3414 §8.1.1.2, RFC 3826 §3.1.1).
func (k *keys) encrypt(plain []byte, boots, time uint32, salt [8]byte) []byte {
	if k.preIV != nil {
		pad := (8 - len(plain)%8) % 8
		out := append(append(make([]byte, 0, len(plain)+pad), plain...), make([]byte, pad)...)
		cipher.NewCBCEncrypter(k.block, k.desIV(salt[:])).CryptBlocks(out, out)
		return out
	}
	out := make([]byte, len(plain))
	k.cfb(out, plain, boots, time, salt[:], true)
	return out
}

// decrypt works in place and says whether the text can be one of ours at all.
func (k *keys) decrypt(text []byte, boots, time uint32, salt []byte) bool {
	if len(salt) != 8 {
		return false
	}
	if k.preIV != nil {
		if len(text)%8 != 0 {
			return false
		}
		cipher.NewCBCDecrypter(k.block, k.desIV(salt)).CryptBlocks(text, text)
		return true
	}
	k.cfb(text, text, boots, time, salt, false)
	return true
}

func (k *keys) desIV(salt []byte) []byte {
	iv := make([]byte, 8)
	for i := range iv {
		iv[i] = k.preIV[i] ^ salt[i]
	}
	return iv
}

// cfb is CFB with 128-bit segments (RFC 3826 §3.1.2).
func (k *keys) cfb(dst, src []byte, boots, time uint32, salt []byte, encrypting bool) {
	var feed, pad [16]byte
	binary.BigEndian.PutUint32(feed[:], boots)
	binary.BigEndian.PutUint32(feed[4:], time)
	copy(feed[8:], salt)
	for len(src) > 0 {
		k.block.Encrypt(pad[:], feed[:])
		n := min(16, len(src))
		if !encrypting {
			copy(feed[:], src[:n])
		}
		for i := range n {
			dst[i] = src[i] ^ pad[i]
		}
		if encrypting {
			copy(feed[:], dst[:n])
		}
		dst, src = dst[n:], src[n:]
	}
}
