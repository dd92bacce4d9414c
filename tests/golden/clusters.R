# Golden numbers for tests/methods/test_golden_clusters.py. Run from the project's root:
#   Rscript tests/golden/clusters.R
# Writes the made-up answers it uses (clusters_answers.csv: three committees in two waves, residents in
# buildings of unlike size, unlike weights, holes, about half of them asked in both waves) and what
# survey says about them: linearised variances over buildings, design effects, waves stacked.
suppressMessages(library(survey))
source("tests/golden/session.R")
set.seed(20261129)
people <- data.frame(person = 1:180, committee = rep(c("a", "b", "c"), each = 60))
people$building <- paste0(people$committee, sample(c(1:9, 1:5, 1:3), 180, replace = TRUE))
mood <- rnorm(40, sd = 13)[as.integer(factor(people$building))] + rnorm(180, sd = 8)
asked <- function(wave, share) {
  d <- people[runif(180) < share, ]
  own <- mood[d$person]
  answer <- function(level) round(pmin(100, pmax(0, level + own + rnorm(nrow(d), sd = 10))))
  d <- cbind(wave = wave, d, weight = round(runif(nrow(d), 0.4, 2.6), 2), q1 = answer(78), q2 = answer(70))
  d$q2[runif(nrow(d)) < 0.12] <- NA
  d
}
both <- rbind(asked(1, 0.55), asked(2, 0.65))
write.csv(both, "tests/golden/clusters_answers.csv", row.names = FALSE, quote = FALSE, na = "")
first <- both[both$wave == 1, ]

of <- function(m) list(mean = unname(as.vector(coef(m))), names = names(coef(m)),
                       covariance = unname(as.matrix(vcov(m))))
one <- function(d, weights = ~weight) {
  clustered <- svydesign(ids = ~building, weights = weights, data = d)
  alone <- svydesign(ids = ~1, weights = weights, data = d)
  q1 <- svymean(~q1, clustered, deff = "replace")
  list(q1 = of(svymean(~q1, clustered)), q2 = of(svymean(~q2, clustered, na.rm = TRUE)),
       independent = of(svymean(~q1, alone)), deff_replace = as.numeric(deff(q1)),
       srs_variance = as.numeric(svyvar(~q1, alone)) / nrow(d), df = degf(clustered),
       t_interval = as.vector(confint(svymean(~q1, clustered), df = degf(clustered))))
}
committees <- split(first, first$committee)
whole <- first[!is.na(first$q2), ]
street <- svydesign(ids = ~building, strata = ~committee, weights = ~weight, data = first, nest = TRUE)
# Both waves stacked: the same person, or the same building, is one sampling unit of both.
stacked <- function(d, ids) {
  design <- svydesign(ids = ids, weights = ~weight, data = d)
  by <- svyby(~q1, ~wave, design, svymean, covmat = TRUE)
  change <- svycontrast(by, c(-1, 1))
  list(covariance = unname(vcov(by)), change = as.numeric(coef(change)),
       change_se = as.numeric(SE(change)), units = degf(design) + 1)
}
in_a <- both[both$committee == "a", ]
again <- table(in_a$person)
keep_numbers("clusters", list(
  weighted = lapply(committees, one),
  alike = lapply(committees, one, weights = ~1),
  complete = lapply(split(whole, whole$committee), function(d)
    of(svymean(~q1 + q2, svydesign(ids = ~building, weights = ~weight, data = d)))),
  stratified_by_committee = of(svyby(~q1, ~committee, street, svymean, covmat = TRUE)),
  stratified_df = degf(street),
  by_person = stacked(in_a, ~person), by_building = stacked(in_a, ~building),
  answered_twice = sum(again == 2)))
keep_session("clusters")
