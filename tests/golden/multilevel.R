# Golden numbers for tests/methods/test_golden_multilevel.py. Run from the project's root:
#   Rscript tests/golden/multilevel.R
# lme4 on answers of residents in 18 committees: what a committee, an age and a kind of housing add are random,
# sex is fixed. Post-stratified: predicted for every cell of a made-up census and averaged over its people.
# Errors of prediction from Henderson's equations at lme4's variances (Rao & Molina 2015, 5.2 and 6.2).
# And lme4's two textbook data sets.
suppressMessages({library(lme4); library(numDeriv)})
source("tests/golden/session.R")
# The optimiser stops where the likelihood is flat to rounding, at variances that differ by 1e-6 from run to run;
# Newton steps on Richardson's derivatives of lme4's own likelihood go on to where its slope is 0.
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e6), calc.derivs = FALSE)
fit_of <- function(formula, data) {
  parsed <- lFormula(formula, data, REML = TRUE, control = tight)
  likelihood <- do.call(mkLmerDevfun, parsed)
  found <- optimizeLmer(likelihood, optimizer = "bobyqa", control = list(rhoend = 1e-9, maxfun = 1e6))
  for (step in 1:4)
    found$par <- found$par - solve(hessian(likelihood, found$par), grad(likelihood, found$par))
  found$fval <- likelihood(found$par)
  mkMerMod(environment(likelihood), found, parsed$reTrms, fr = parsed$fr)
}
summary_of <- function(fit) {
  v <- as.data.frame(VarCorr(fit))
  list(reml = REMLcrit(fit), variances = setNames(as.list(v$vcov), v$grp),
       fixed = unname(fixef(fit)), fixed_covariance = unname(as.matrix(vcov(fit))),
       effects = lapply(ranef(fit), function(e) e[, 1]))
}
set.seed(404)
k <- 18
n <- sample(5:40, k, replace = TRUE)
d <- data.frame(committee = rep(1:k, n))
d$age <- sapply(d$committee, function(j) sample(1:4, 1, prob = c(1, 2, 2 + j %% 3, 1 + j %% 5)))
d$housing <- sapply(d$committee, function(j) sample(1:3, 1, prob = c(3, 1 + j %% 4, 1)))
d$man <- as.integer(runif(nrow(d)) < 0.42)
d$y <- round(80 + 4 * rnorm(k)[d$committee] + c(-6, -1, 2, 6)[d$age] + c(3, 0, -4)[d$housing] - 2 * d$man +
             12 * rnorm(nrow(d)), 1)
fit <- fit_of(y ~ man + (1 | committee) + (1 | age) + (1 | housing), d)

census <- expand.grid(committee = 1:k, age = 1:4, housing = 1:3, man = 0:1)
census$people <- sample(20:400, nrow(census), replace = TRUE)
census$expected <- predict(fit, census)
share <- function(by) unname(prop.table(tapply(census$people, census[c("committee", by)], sum), 1))
estimate <- sapply(split(census, census$committee), function(c) weighted.mean(c$expected, c$people))
raw <- sapply(split(d, d$committee), function(c) mean(c$y))

s2 <- sigma(fit)^2
X <- getME(fit, "X"); Z <- as.matrix(getME(fit, "Z"))
columns <- rep(names(getME(fit, "flist"))[1:3], getME(fit, "l_i")[1:3])   # committee, age, housing
v <- sapply(c("committee", "age", "housing"), function(g) as.numeric(VarCorr(fit)[[g]]))
G <- v[columns]
C <- solve(crossprod(cbind(X, Z)) / s2 + diag(c(0, 0, 1 / G)))
L <- cbind(1, share("man")[, 2], matrix(0, k, ncol(Z)))
at <- function(name) ncol(X) + which(columns == name)
L[, at("committee")] <- diag(k); L[, at("age")] <- share("age"); L[, at("housing")] <- share("housing")
of_means <- s2 / n; total <- v["committee"] + of_means
g3 <- of_means^2 / total^3 * 2 / sum(1 / total^2)
keep_numbers("multilevel", list(
  street = c(summary_of(fit), list(
    people = d, shares = list(age = share("age"), housing = share("housing"), man = share("man")[, 2]),
    raw = unname(raw), estimate = unname(estimate), mse_at_these_variances = diag(L %*% C %*% t(L)), g3 = g3)),
  dyestuff = c(summary_of(fit_of(Yield ~ 1 + (1 | Batch), Dyestuff)), list(y = Dyestuff$Yield)),
  penicillin = summary_of(fit_of(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin))))
keep_session("multilevel")
