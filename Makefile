# The commands of the project. `make demo` and `make test` install what they need on Debian or Ubuntu.
SHELL := /bin/bash
CARGO_DENY_VERSION := 0.20.2
NEXTEST_VERSION := 0.9.143
BIN := $(or $(CARGO_TARGET_DIR),target)
# What scripts/install-deps.sh installs for us alone.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/assay
FUNCTIONS := trigger-campaign generate-matrix split-batches track-progress publish-catalog ingest-results serve-api
LAMBDA_BUILD = PATH="$(CACHE)/cargo-lambda/bin:$$PATH" \
  cargo lambda build --release --locked --$(LAMBDA_ARCH) $(addprefix -p ,$(FUNCTIONS))
# What an environment of infra/config is called.
ENVIRONMENT ?= trial
# What its functions are built for: x86-64, or arm64 where Rust has its library (docs/aws.md).
LAMBDA_ARCH ?= $(if $(shell grep 'architecture: "arm64"' infra/config/$(ENVIRONMENT).ts),arm64,x86-64)
# The version of infra/package-lock.json and no other.
CDK = cd infra && $(NODE) CDK_DISABLE_CLI_TELEMETRY=true npx --no -- cdk -c environment=$(ENVIRONMENT)
# Where scripts/install-deps.sh puts Node.js when the machine's own is too old or missing.
NODE = PATH="$(CACHE)/node/bin:$$PATH"
# Goes with every result; absent outside a checkout.
build: export ASSAY_REVISION := $(shell git rev-parse --short=12 HEAD 2>/dev/null)

.PHONY: spot-prices demo test bench bench-api bench-functions functions lint fmt audit build page page-if-possible test-page infra-test aws-test kubernetes-test cdk deploy deploy-page deps-aws deps-build deps-functions deps-kubernetes deps-page deps-test

demo: build ## a small simulated campaign, from spec to recommendation
	$(BIN)/release/assay --data .assay/demo run examples/demo.yaml

spot-prices: build ## spot prices of today; needs the AWS command line and its credentials
	aws ec2 describe-spot-price-history --region us-east-1 --product-descriptions Linux/UNIX --output json \
	  --start-time "$$(date -u +%FT%TZ)" --instance-types $$($(BIN)/release/assay prices instances) \
	  | $(BIN)/release/assay prices spot > spot_prices.new && mv spot_prices.new crates/domain/data/spot_prices.yaml

test: deps-build deps-test page lint ## everything
	cargo build --workspace --bins --locked
	$(MAKE) infra-test
	$(MAKE) test-page
	cargo nextest run --workspace --locked

page: deps-page ui/dist/index.html ## the page: ui/dist, for `assay` to embed, or for S3 and CloudFront as it is

ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && $(NODE) npm ci --no-audit --no-fund --ignore-scripts

ui/dist/index.html: ui/node_modules/.package-lock.json ui/index.html ui/vite.config.ts $(shell find ui/src ui/public -type f)
	cd ui && $(NODE) npm run build

# Without Node.js the programs are built all the same, and say how to build the page.
page-if-possible:
	@if $(NODE) npm --version >/dev/null 2>&1; then $(MAKE) page; fi

test-page: page ## the page's own tests, in a browser too; needs the programs of the debug profile
	cargo build --locked -p testkit --example sample_results
	cd ui && $(NODE) npm test
	cd ui && $(NODE) ASSAY_PROGRAMS=$(abspath $(BIN))/debug npm run browse

infra-test: aws-test kubernetes-test ## whatever is deployed, as far as it can be checked without a cloud

kubernetes-test: deps-kubernetes ## manifests, workflows, images, alerts and dashboards
	cd infra/kubernetes/tests && ASSAY_KUBECTL=$(CACHE)/kubectl/kubectl $(CACHE)/kubernetes/bin/python -B -m unittest

infra/node_modules/.package-lock.json: infra/package-lock.json | deps-page
	cd infra && $(NODE) npm ci --no-audit --no-fund --ignore-scripts

aws-test: deps-aws infra/node_modules/.package-lock.json ## stacks of AWS: assertions, roles, cdk-nag, cfn-lint, Checkov
	cd infra && $(NODE) npm test
	@for environment in trial production; do \
	  echo "cfn-lint and Checkov: $$environment" && cd $(CURDIR)/infra && rm -rf cdk.out && \
	  $(NODE) ASSAY_ENVIRONMENT=$$environment CDK_OUTDIR=cdk.out npx tsx bin/app.ts && \
	  $(CACHE)/aws/bin/cfn-lint cdk.out/*.template.json && \
	  $(CACHE)/aws/bin/checkov --config-file checkov.yaml -d cdk.out || exit 1; \
	done

cdk: infra/node_modules/.package-lock.json ## AWS CDK: make cdk ENVIRONMENT=trial ARGS=diff
	$(CDK) $(ARGS)

deploy: functions page infra/node_modules/.package-lock.json ## all of it to AWS: make deploy ENVIRONMENT=trial (docs/operate.md)
	$(CDK) deploy --all --require-approval broadening --outputs-file outputs/$(ENVIRONMENT).json
	$(MAKE) deploy-page

deploy-page: page ## the page alone, to an environment that was deployed from here
	scripts/deploy-page.sh $(ENVIRONMENT) infra/outputs/$(ENVIRONMENT).json ui/dist

bench: deps-build ## our load generator and the peers that are installed, against an engine that knows the truth
	cargo build --release --locked -p batch-runner --bin batch-runner --example peers
	$(BIN)/release/examples/peers
	$(BIN)/release/examples/peers --streams 256 --rounds 8 --ttft-ms 0 --step-ms 0
	$(BIN)/release/examples/peers --streams 4000 --rounds 1 --step-ms 50 --repeats 1
	$(BIN)/release/examples/peers --streams 8000 --rounds 1 --step-ms 50 --only ours,bare
	$(BIN)/release/examples/peers issue-lag

bench-api: deps-build ## questions a second and how soon they are answered, with 90,000 configurations
	cargo build --release --locked -p serve-api --no-default-features --example load
	$(BIN)/release/examples/load

lint: fmt
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo deny check bans licenses sources

fmt:
	cargo fmt --all --check

audit: ## known vulnerabilities; fetches the advisory database
	cargo deny check advisories

build: deps-build page-if-possible ## the programs, with the page
	cargo build --release --locked --bin assay --bin batch-runner --bin simulated-engine

functions: deps-build deps-functions ## packages for AWS Lambda: lambda/NAME/bootstrap.zip in the target folder
	$(LAMBDA_BUILD) --output-format zip

bench-functions: deps-build deps-functions deps-test ## how soon each function answers after its process was started
	$(LAMBDA_BUILD)
	ASSAY_FUNCTIONS=$(abspath $(BIN))/lambda cargo nextest run --locked -p integration-tests --run-ignored only --no-capture cold_starts

deps-build: ## a C compiler, for SQLite and zstd
	@scripts/install-deps.sh build

deps-functions: ## cargo-lambda, in a Python environment of its own
	@scripts/install-deps.sh functions

deps-kubernetes: ## kubectl, promtool, and a Python environment
	@scripts/install-deps.sh kubernetes

deps-page: ## Node.js, in a Python environment of its own where the machine has none that is new enough
	@scripts/install-deps.sh page

deps-aws: deps-page ## cfn-lint and Checkov, in a Python environment of their own
	@scripts/install-deps.sh aws

deps-test: ## PostgreSQL, Redis and emulators of AWS, started privately by the tests; Chromium; nextest and cargo-deny
	@scripts/install-deps.sh test
	@command -v cargo-nextest >/dev/null || cargo install cargo-nextest --locked --version $(NEXTEST_VERSION)
	@command -v cargo-deny >/dev/null || cargo install cargo-deny --locked --version $(CARGO_DENY_VERSION)
