# Golden numbers for evalkit.methods.moments.
# Run from the project's root:  Rscript tests/golden/moments.R ../shared/peers
# Made with R 4.2.2 and survey 4.1-1 (sessions/moments.txt).
suppressPackageStartupMessages(library(survey))
peers <- commandArgs(trailingOnly = TRUE)[1]
api <- function(name) read.csv(file.path(peers, paste0(name, ".csv")), check.names = FALSE)
strat <- api("apistrat"); clus1 <- api("apiclus1"); clus2 <- api("apiclus2")
estimate <- function(m) list(mean = unname(as.vector(coef(m))), names = names(coef(m)),
                             covariance = unname(as.matrix(vcov(m))))

stratified <- svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat)
plain <- svydesign(id = ~1, weights = ~pw, data = strat)
elementary <- subset(strat, stype == "E")
elementary$w <- elementary$pw * (1 + elementary$meals / 100)
cell <- svydesign(id = ~1, weights = ~w, data = elementary)
cell_fpc <- svydesign(id = ~1, weights = ~w, fpc = ~fpc, data = elementary)
one_stage <- svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus1)
ultimate <- svydesign(id = ~dnum, weights = ~pw, data = clus2)
clus2$half <- clus2$cnum %% 2
nested <- svydesign(id = ~dnum, strata = ~half, weights = ~pw, data = clus2)

golden <- list(
  session = list(R = R.version.string, survey = as.character(packageVersion("survey"))),
  cell = estimate(svymean(~api00 + api99 + meals, cell)),
  cell_fpc = estimate(svymean(~api00 + api99 + meals, cell_fpc)),
  plain = estimate(svymean(~api00 + api99, plain)),
  stratified = estimate(svymean(~api00, stratified)),
  stratified_by_stype = estimate(
    svyby(~api00, ~stype, stratified, svymean, covmat = TRUE)),
  # a domain that crosses the strata, two variables: order No:api00, Yes:api00, No:api99, Yes:api99
  stratified_by_award = estimate(
    svyby(~api00 + api99, ~awards, stratified, svymean, covmat = TRUE)),
  # an item with missing answers keeps every sampling unit in the design
  stratified_missing = estimate(svymean(~target, stratified, na.rm = TRUE)),
  one_stage = estimate(svymean(~api00, one_stage)),
  one_stage_by_stype = estimate(svyby(~api00, ~stype, one_stage, svymean, covmat = TRUE)),
  one_stage_df = degf(one_stage),
  ultimate = estimate(svymean(~api00 + api99, ultimate)),
  ultimate_missing = estimate(svymean(~mobility, ultimate, na.rm = TRUE)),
  ultimate_by_stype = estimate(svyby(~api00, ~stype, ultimate, svymean, covmat = TRUE)),
  nested = estimate(svymean(~api00, nested)),
  nested_by_stype = estimate(svyby(~api00, ~stype, nested, svymean, covmat = TRUE)),
  nested_df = degf(nested)
)
source("tests/golden/session.R")
keep_numbers("moments", golden)
keep_session("moments")
