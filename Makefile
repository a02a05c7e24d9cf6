# `make help` lists the targets.
GO      ?= go
STAMP   := -buildvcs=true
FUZZTIME ?= 30s
KILLS   ?= 50
SEEDS   ?= 1-10
export CGO_ENABLED = 0

.PHONY: help build run test check race kills night test-ui lab fuzz assets clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

build: assets ## build bin/plumbline
	$(GO) build $(STAMP) -trimpath -ldflags '-s -w' -o bin/plumbline ./cmd/plumbline

assets: ## build the web assets
	@cd web && if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then npm ci --ignore-scripts --no-audit --no-fund && touch node_modules/.package-lock.json; fi
	@cd web && if [ ! -f dist/manifest.json ] || [ -n "$$(find src build.mjs package.json package-lock.json -newer dist/manifest.json -print -quit)" ]; then npm run types && npm run build; fi

run: build ## start the appliance with a simulated network
	bin/plumbline serve --demo

test: ## run the Go tests
	$(GO) test ./...

check: ## vet, staticcheck, house rules
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test ./internal/archtest/
	$(GO) mod tidy -diff

race: ## run the Go tests under the race detector
	CGO_ENABLED=1 $(GO) test -race -short -p 1 -timeout 40m ./...

kills: ## kill the server in the middle of its backups, over and over (KILLS=50)
	PLUMBLINE_KILLS=$(KILLS) $(GO) test -count=1 -v -timeout 30m -run '^TestNothingIsLostWhenTheServerIsKilled$$' ./cmd/plumbline

night: ## live through simulated nights of backups (SEEDS=1-10)
	PLUMBLINE_NIGHT_SEEDS=$(SEEDS) $(GO) test -count=1 -v -timeout 60m -run '^TestEachDeviceOfANight' ./internal/app

test-ui: build chromium ## run the browser tests
	@cd web/uitest && if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then npm ci --ignore-scripts --no-audit --no-fund && touch node_modules/.package-lock.json; fi
	@if [ -x /usr/bin/chromium ]; then node web/uitest/run.mjs; \
	elif [ "$$CI" = true ]; then echo "test-ui: no chromium here"; exit 1; \
	else echo "test-ui: no chromium here and no right to install it, skipped"; fi

.PHONY: chromium
chromium:
	@if [ ! -x /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy chromium; fi

lab: build ## try the binary on real routers, agents and a switch (Linux, root)
	@sh internal/lab/testdata/packages.sh
	PLUMBLINE_LAB=1 $(GO) test -count=1 -v ./internal/lab/

fuzz: ## fuzz every parser for a while (FUZZTIME=30s each)
	@for p in $$(grep -rl --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
			echo "== $$p $$f"; \
			out=$$($(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$p 2>&1) && { echo "$$out" | tail -1; continue; }; \
			echo "$$out" | grep -v '^fuzz: elapsed'; \
			: "an input that is at work when the time is up fails with this alone (golang.org/issue/75804)"; \
			echo "$$out" | grep -q '^ *context deadline exceeded$$' && ! echo "$$out" | grep -q 'Failing input' || exit 1; \
		done; \
	done

clean: ## remove what was built
	rm -rf bin web/dist/assets
