# Golden numbers for tests/methods/test_golden_clubsandwich.py. Run from the project's root, after clusters.R:
#   Rscript tests/golden/clubsandwich.R
# How two kinds of people differ within places: lm() with an effect for every place, clubSandwich's CR2
# and Satterthwaite's degrees of freedom (coef_test). And the mean of clustered answers: CR1 and CR2.
suppressMessages(library(clubSandwich))
source("tests/golden/session.R")
set.seed(71)
d <- data.frame(place = rep(1:9, times = c(4, 6, 7, 9, 12, 15, 5, 3, 2)))
n <- nrow(d)
d$first <- as.integer(runif(n) < 0.4)
d$first[d$place == 9] <- 0                       # a place that has one kind only
d$first[match(1:8, d$place)] <- 1; d$first[match(1:8, d$place) + 1] <- 0
d$weight <- round(runif(n, 0.5, 2), 2)
d$value <- round(75 + 4 * rnorm(9)[d$place] + d$first * (3 + 2 * rnorm(9)[d$place]) + 10 * rnorm(n), 1)
within <- function(d) {
  fit <- lm(value ~ 0 + factor(place) + first, data = d, weights = weight)
  V <- vcovCR(fit, cluster = d$place, type = "CR2", inverse_var = TRUE)
  test <- coef_test(fit, V, test = "Satterthwaite", coefs = "first")
  list(difference = unname(coef(fit)["first"]), se = test$SE, df = test$df, p = test$p_Satt)
}
# The same, of every place's difference: one row a place, weighing n m / (n + m).
of_places <- function(d) {
  of <- function(f) sapply(split(d, d$place), f)
  mass <- sapply(0:1, function(k) of(function(p) sum(p$weight[p$first == k])))
  h <- mass[, 1] * mass[, 2] / rowSums(mass)
  apart <- of(function(p) weighted.mean(p$value[p$first == 1], p$weight[p$first == 1]) -
                weighted.mean(p$value[p$first == 0], p$weight[p$first == 0]))
  places <- data.frame(apart, h, place = 1:9)[h > 0, ]
  fit <- lm(apart ~ 1, data = places, weights = h)
  test <- coef_test(fit, vcovCR(fit, cluster = places$place, type = "CR2", inverse_var = TRUE), test = "Satterthwaite")
  list(difference = unname(coef(fit)), se = test$SE, df = test$df)
}
answers <- read.csv("tests/golden/clusters_answers.csv")
answers <- answers[answers$wave == 1, ]
mean_of <- function(d) {
  fit <- lm(q1 ~ 1, data = d, weights = weight)
  tested <- function(type) {
    found <- coef_test(fit, vcovCR(fit, cluster = d$building, type = type, inverse_var = TRUE),
                       test = "Satterthwaite")
    list(se = found$SE, df = found$df)
  }
  list(mean = unname(coef(fit)), CR1 = tested("CR1"), CR2 = tested("CR2"), clusters = length(unique(d$building)))
}
balanced <- data.frame(building = rep(1:7, each = 5), weight = 1, q1 = round(80 + rnorm(35, sd = 9), 1))
keep_numbers("clubsandwich", list(
  people = d, weighted = within(d), weighted_places = of_places(d), plain = within(transform(d, weight = 1)),
  means = lapply(split(answers, answers$committee), mean_of),
  balanced = c(list(q1 = balanced$q1), mean_of(balanced))))
keep_session("clubsandwich")
