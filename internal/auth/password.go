package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Argon2id as OWASP's cheat sheet for password storage has it: 19 MiB, two
// passes, one lane.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	saltBytes   = 16
	hashBytes   = 32

	// What a stored hash may ask of this machine at most.
	maxArgonMemory = 256 * 1024
	maxArgonTime   = 16
)

var errBadHash = errors.New("stored password hash is not readable")

// hasher computes at most two hashes at a time: each takes 19 MiB, and logins
// must not be a way to take all memory.
type hasher struct{ turn chan struct{} }

func newHasher() *hasher { return &hasher{turn: make(chan struct{}, 2)} }

// params are those of a PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$hash.
type params struct {
	memory, time uint32
	lanes        uint8
	salt, hash   []byte
}

func (p params) String() string {
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.lanes, enc(p.salt), enc(p.hash))
}

func parsePHC(s string) (params, error) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return params{}, errBadHash
	}
	var p params
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); err != nil {
		return params{}, errBadHash
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.DecodeString(part[4])
	p.hash, err2 = base64.RawStdEncoding.DecodeString(part[5])
	if err1 != nil || err2 != nil || len(p.salt) < 8 || len(p.hash) < 16 || len(p.hash) > 128 ||
		p.time < 1 || p.time > maxArgonTime || p.lanes < 1 || p.memory < 8*uint32(p.lanes) || p.memory > maxArgonMemory {
		return params{}, errBadHash
	}
	return p, nil
}

// old says that the hash was made with less than today's cost.
func (p params) old() bool {
	return p.memory < argonMemory || p.time < argonTime || len(p.hash) < hashBytes || len(p.salt) < saltBytes
}

func (h *hasher) compute(ctx context.Context, password string, p params) ([]byte, error) {
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.turn }()
	return argon2.IDKey([]byte(password), p.salt, p.time, p.memory, p.lanes, uint32(len(p.hash))), nil
}

// make hashes a new password.
func (h *hasher) make(ctx context.Context, password string) (string, error) {
	p := params{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: make([]byte, saltBytes), hash: make([]byte, hashBytes)}
	if _, err := rand.Read(p.salt); err != nil {
		return "", err
	}
	sum, err := h.compute(ctx, password, p)
	if err != nil {
		return "", err
	}
	p.hash = sum
	return p.String(), nil
}

// check compares in constant time. rehash says that the stored form should be
// made anew.
func (h *hasher) check(ctx context.Context, password, stored string) (ok, rehash bool, err error) {
	p, err := parsePHC(stored)
	if err != nil {
		return false, false, err
	}
	sum, err := h.compute(ctx, password, p)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(sum, p.hash) == 1, p.old(), nil
}

// dummy is a hash that no password has. Checking it takes the time that
// checking a real one takes.
func (h *hasher) dummy() string {
	return params{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: make([]byte, saltBytes), hash: make([]byte, hashBytes)}.String()
}
