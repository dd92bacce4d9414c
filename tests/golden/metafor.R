# Golden numbers for tests/methods/test_golden_metafor.py. Run from the project's root:
#   Rscript tests/golden/metafor.R
# metafor on dat.bcg and on a made-up street of 30 committees: tau2 by restricted maximum likelihood, its
# interval by the Q-profile method (confint), shrunken scores and their errors (blup), coefficients.
# With correlated errors metafor has rma.mv, whose confint is by profile likelihood: there Q is written out
# with dense matrices and its ends are found by uniroot.
suppressMessages(library(metafor))
source("tests/golden/session.R")
tight <- list(threshold = 1e-14, maxiter = 10000)
all_of <- function(yi, vi, mods = NULL, levels = c(95, 90)) {
  fit <- if (is.null(mods)) rma(yi, vi, method = "REML", control = tight) else
    rma(yi, vi, mods = mods, method = "REML", control = tight)
  predicted <- blup(fit)
  ends <- lapply(levels, function(l)
    as.vector(confint(fit, level = l, control = list(tol = 1e-14, maxiter = 10000, tau2.max = 1e6))$random["tau^2", 2:3]))
  list(yi = as.vector(yi), vi = as.vector(vi), mods = mods, tau2 = fit$tau2, se_tau2 = fit$se.tau2,
       beta = as.vector(fit$beta), beta_se = fit$se, blup = predicted$pred, blup_se = predicted$se,
       levels = levels, ends = ends)
}
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)

set.seed(30)
k <- 30
vi <- round(runif(k, 0.4, 6), 3)
age <- round(rnorm(k, 0, 1), 2)
yi <- round(82 + 0.9 * age + rnorm(k, sd = 1.8) + rnorm(k, sd = sqrt(vi)), 3)
alike <- round(82 + rnorm(k, sd = 0.4 * sqrt(vi)), 3)
hardly <- round(82 + rnorm(k, sd = sqrt(vi)), 3)

# The same street where eight raters judge everybody: errors correlated .3 to .7.
root <- sqrt(outer(vi, vi))
judge <- matrix(rnorm(8 * k), 8) + 0.8 * rnorm(8)
common <- crossprod(judge); common <- common / sqrt(outer(diag(common), diag(common)))
V <- round(root * 0.7 * common, 6); diag(V) <- vi
stopifnot(min(eigen(V)$values) > 0)
X <- matrix(1, k, 1)
both <- rma.mv(yi, V, random = ~1 | id, data = data.frame(yi = yi, id = 1:k), method = "REML", sparse = FALSE,
               control = list(optimizer = "nlminb", rel.tol = 1e-13))
Q <- function(tau2) {
  W <- solve(V + diag(tau2, k))
  P <- W - W %*% X %*% solve(t(X) %*% W %*% X, t(X) %*% W)
  as.numeric(t(yi) %*% P %*% yi)
}
end <- function(p) uniroot(function(t) Q(t) - qchisq(p, k - 1), c(0, 1000), tol = 1e-13)$root
tau2 <- both$sigma2
W <- solve(V + diag(tau2, k))
expected <- as.numeric(both$beta)
missed <- X - tau2 * W %*% X
# The dense forms of Rao & Molina (2015), 5.3: g1, g2, and g3 with 2 / tr(W W) for the variance of tau2.
g3 <- (W %*% V %*% W %*% V %*% W) * 2 / sum(W^2)
mse <- diag(tau2 * diag(k) - tau2^2 * W) + diag(missed %*% (both$vb %*% t(missed))) + 2 * diag(g3)
keep_numbers("metafor", list(
  bcg = all_of(bcg$yi, bcg$vi), bcg_latitude = all_of(bcg$yi, bcg$vi, dat.bcg$ablat),
  street = all_of(yi, vi), street_age = all_of(yi, vi, age), alike = all_of(alike, vi),
  hardly = all_of(hardly, vi),
  correlated = list(covariance = V, tau2 = tau2, beta = expected, beta_se = both$se,
                    ends = c(end(0.975), end(0.025)),
                    blup = as.vector(expected + tau2 * W %*% (yi - expected)),
                    mse = mse,
                    profile = as.vector(confint(both)$random[1, 2:3]))))
keep_session("metafor")
